"""Simulations that show whether the statistics keep what they promise: ``make statistics SEED=1``."""
