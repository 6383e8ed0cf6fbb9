"""Effectiveness, rank similarity, intervals and matching terms; light enough for the web process."""
