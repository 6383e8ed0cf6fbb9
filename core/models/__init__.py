"""Model adapters: the only importers of torch, transformers and sentence-transformers."""
