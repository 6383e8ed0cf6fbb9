"""Text to terms, as BM25 and the marking of matches see it: words, lower case, stop words out, stemmed.

A word is a run of letters and digits, with inner apostrophes ("operator's"). Stop words are the 33 of
Lucene's classic English list. Stemmer: Snowball English (Porter 2). Made for English; a script without
blanks between words comes out as whole runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import Stemmer

VERSION = 1  # raised whenever the same text gives other terms: indexes are built anew
_LUCENE_ENGLISH = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with"
)
STOP_WORDS = frozenset(_LUCENE_ENGLISH.split())
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """One word that counts: its stem, and where it stands in the text (characters, end excluded)."""

    stem: str
    start: int
    end: int


class Analyzer:
    """Not for use by several threads at once, since the stemmer keeps a cache; making one costs microseconds."""

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english").stemWord

    def terms(self, text: str) -> Iterator[Term]:
        """The terms of ``text`` in order."""
        for match in _WORD.finditer(text):
            if (word := _plain(match.group())) not in STOP_WORDS:
                yield Term(self._stem(word), match.start(), match.end())

    def stems(self, text: str) -> list[str]:
        """The stems of ``terms`` alone, repetitions kept; quicker, for whole corpora."""
        return [self._stem(word) for found in _WORD.findall(text) if (word := _plain(found)) not in STOP_WORDS]


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'")
