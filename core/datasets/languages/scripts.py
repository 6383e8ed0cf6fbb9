"""The language of a text where its script decides, as it does for Chinese, Thai or Greek.

The share of letters of every script counts (blocks of The Unicode Standard 15, Blocks.txt). Japanese is told from
Chinese by its kana, which every Japanese text has and no Chinese one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

LEAST_SHARE = 0.5  # of all letters; English terms inside Chinese or Greek text are common
LEAST_KANA = 0.05  # of Han and kana together

_BLOCKS = (  # first and last code point, the language that alone is written in it ("han" and "kana": see below)
    (0x0370, 0x03FF, "el"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1100, 0x11FF, "ko"),
    (0x1780, 0x17FF, "km"),
    (0x1F00, 0x1FFF, "el"),
    (0x3040, 0x30FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "ko"),
    (0xF900, 0xFAFF, "han"),
    (0x20000, 0x323AF, "han"),
)
_FIRST = [first for first, _, _ in _BLOCKS]


def language_of_script(text: str) -> str:
    """ISO 639-1 code, or nothing where the script leaves it open (Latin, Cyrillic, Arabic, Devanagari ...)."""
    letters = Counter(_script(character) for character in text if character.isalpha())
    total = sum(letters.values())
    japanese = letters["kana"] >= LEAST_KANA * (letters["kana"] + letters["han"]) and letters["kana"] > 0
    letters["ja" if japanese else "zh"] = letters.pop("kana", 0) + letters.pop("han", 0)
    letters.pop("", None)
    found, count = letters.most_common(1)[0]
    return found if count and count >= LEAST_SHARE * total else ""


def _script(character: str) -> str:
    place = bisect_right(_FIRST, ord(character)) - 1
    return _BLOCKS[place][2] if place >= 0 and ord(character) <= _BLOCKS[place][1] else ""
