"""Vectors of query and documents."""
