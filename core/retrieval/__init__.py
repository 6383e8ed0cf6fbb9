"""The first stage: BM25, vectors, or both over a whole collection, and BM25 scores of given documents."""
