"""What a reranker must beat."""
