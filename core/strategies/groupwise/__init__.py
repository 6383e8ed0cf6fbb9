"""Scores of a group of documents at once."""
