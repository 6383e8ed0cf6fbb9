"""Published reference code, run beside the strategies of this project: `python -m benchmarks.reference`."""
