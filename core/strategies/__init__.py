"""Reranking strategies: one algorithm per file, over model requests; never torch, never a database."""
