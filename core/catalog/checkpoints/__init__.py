"""Well-known checkpoints as data, each fact with where it was read; what nobody could read is unverified."""
