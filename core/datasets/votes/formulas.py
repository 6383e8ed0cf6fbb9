"""Cells that a spreadsheet would run: what begins with = + - @ (or a tab or return) gets an apostrophe in front.

Apostrophes that stand before such a beginning already count, so that taking one away restores every text.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """``text`` as it may stand in a CSV."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` made it from."""
    return text[1:] if _GUARDED.match(text) else text
