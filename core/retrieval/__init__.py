"""The first stage: BM25 over a whole collection, and its scores for given documents."""
