"""Benchmarks: plans run as resumable jobs, and what their results say."""
