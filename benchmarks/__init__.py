"""Benchmarks: what is measured, never asserted in a test."""
