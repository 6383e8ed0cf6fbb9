"""The order of a list, or of a window of it."""
