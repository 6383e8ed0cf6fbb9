"""Battles: which come next, what a voter sees of them, votes, and what is said afterwards."""
