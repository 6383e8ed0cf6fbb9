"""Naming a few of many things in a message."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

FEW = 8


def few(names: Sequence[str], *, like: str = "", most: int = FEW) -> str:
    """The first ``most`` names and how many more there are, those that are written like ``like`` first."""
    close = get_close_matches(like, names, n=most, cutoff=0.6) if like and len(names) > most else []
    ordered = [*close, *(name for name in names if name not in close)]
    left = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {left} more" if left > 0 else "")
