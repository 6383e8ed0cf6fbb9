"""Other people's rerankers, each from its own package and used as its documentation says."""
