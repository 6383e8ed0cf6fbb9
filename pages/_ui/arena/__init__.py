"""The arena's screen."""
