"""Two documents at a time."""
