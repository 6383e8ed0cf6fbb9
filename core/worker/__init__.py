"""The engine process: scheduler, batching, answer cache and cost. Started as ``python -m core.worker FD``."""
