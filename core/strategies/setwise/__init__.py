"""The best, or the worst, of a few documents."""
