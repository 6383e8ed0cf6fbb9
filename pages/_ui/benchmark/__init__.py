"""The benchmark's screen."""
