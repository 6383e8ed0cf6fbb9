"""The vocabulary of Runoff as frozen dataclasses, ports and errors; imports nothing above it."""
