"""Runoff's reranking against its peers, in one run: ``python -m benchmarks.speed`` (docs/speed.md)."""
