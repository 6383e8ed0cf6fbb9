"""Leaderboards: a slice of the log, rated, in words, and how much it can be trusted."""
