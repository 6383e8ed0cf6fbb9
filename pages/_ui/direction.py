"""Text that runs from right to left in elements of Streamlit, which have no ``dir`` of their own.

A first-strong isolate (Unicode Standard Annex 9) around every line makes the browser order the words, digits and
punctuation of that line by its own direction; where it stands stays Streamlit's choice. Components set ``dir="auto"``.
"""

from __future__ import annotations

import unicodedata

_ISOLATE, _END = "\u2068", "\u2069"


def directed(text: str) -> str:
    """``text`` with every line isolated where it holds a letter that runs from right to left, else as it is."""
    if text.isascii() or not any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return text
    return "\n".join(f"{_ISOLATE}{line}{_END}" if line.strip() else line for line in text.split("\n"))
