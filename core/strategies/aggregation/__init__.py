"""Other systems' rankings put together."""
