"""English: words, lower case, stop words out, stemmed.

A word is a run of letters and digits, with inner apostrophes ("operator's"). Stop words are the 33 of
Lucene's classic English list. Stemmer: Snowball English (Porter 2). A script without blanks between words
comes out as whole runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import Stemmer

_LUCENE_ENGLISH = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with"
)
STOP_WORDS = frozenset(_LUCENE_ENGLISH.split())
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


class English:
    """Implements Analysis. Not for several threads at once, since the stemmer keeps a cache."""

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english").stemWord

    def pieces(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(stem, start, end) of every word that counts."""
        for match in _WORD.finditer(text):
            if (word := _plain(match.group())) not in STOP_WORDS:
                yield self._stem(word), match.start(), match.end()

    def stems(self, text: str) -> list[str]:
        """The stems alone."""
        return [self._stem(word) for found in _WORD.findall(text) if (word := _plain(found)) not in STOP_WORDS]


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'")
