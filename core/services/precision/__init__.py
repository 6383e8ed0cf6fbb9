"""Lower precisions: which systems have one, what it changes against fp32, and a job that measures it."""
