"""The analysis of a language: English, source code, or words of any other language.

Languages go by ISO 639-1 code; "code" is source code, "und" a language nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.measures.analysis.code import Code
from core.measures.analysis.english import English
from core.measures.analysis.term import Analysis, Term
from core.measures.analysis.words import Words

VERSION = 1  # raised whenever the same text gives other terms: indexes are built anew


class Analyzer:
    """Not for use by several threads at once, since stemmers keep a cache; making one costs microseconds."""

    def __init__(self, language: str = "en") -> None:
        self._analysis: Analysis
        if language == "en":
            self._analysis = English()
        else:
            self._analysis = Code() if language == "code" else Words(language)

    def terms(self, text: str) -> Iterator[Term]:
        """The terms of ``text`` in order of where they start; those of one word or run may overlap."""
        for stem, start, end in self._analysis.pieces(text):
            yield Term(stem, start, end)

    def stems(self, text: str) -> list[str]:
        """The stems of ``terms`` alone, repetitions kept; quicker, for whole corpora."""
        return self._analysis.stems(text)
