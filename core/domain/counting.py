"""Numbers with their noun."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """``1 vote``, ``2 votes``, ``1,000 votes``; ``many`` where it is not ``one`` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
