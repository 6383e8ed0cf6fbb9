"""Runoff's own engine: rerankers, votes, ratings and cost, without any user interface."""
