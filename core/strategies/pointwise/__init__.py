"""One document at a time."""
