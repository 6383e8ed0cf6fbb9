"""Languages other than English: folded words, stop words out, stemmed; pairs of characters where no blanks part words.

Stemmers are Snowball's (PyStemmer). Stop words are those that bm25s ships (NLTK's lists) for ten of the languages; the
others have none. A language without a stemmer, and "und", keep their words as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import Stemmer

from core.measures.analysis.runs import bigrams, fold, tokens
from core.measures.analysis.stop_words import stop_words

_SNOWBALL = (
    "ar arabic, ca catalan, cs czech, da danish, de german, el greek, eo esperanto, es spanish, et estonian, eu basque,"
    " fa persian, fi finnish, fr french, ga irish, hi hindi, hu hungarian, hy armenian, id indonesian, it italian,"
    " lt lithuanian, ne nepali, nl dutch, no norwegian, pl polish, pt portuguese, ro romanian, ru russian, sr serbian,"
    " st sesotho, sv swedish, ta tamil, tr turkish, yi yiddish"
)
STEMMERS: Mapping[str, str] = dict(entry.split() for entry in _SNOWBALL.split(","))
DOTTED = frozenset({"tr", "az"})  # languages whose capital I is that of the dotless i


class Words:
    """Implements Analysis for one language by ISO 639-1 code. Not for several threads at once."""

    def __init__(self, language: str) -> None:
        name = STEMMERS.get(language)
        self._stem: Callable[[str], str] = Stemmer.Stemmer(name).stemWord if name else str
        self._fold = _fold_of(language)
        self._stop = _folded_stop_words(language)

    def pieces(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(stem, start, end) of every word that counts and every pair of characters."""
        for token, start, end, unspaced in tokens(text):
            if unspaced:
                yield from bigrams(token, start)
            elif (word := self._fold(token)) not in self._stop:
                yield self._stem(word), start, end

    def stems(self, text: str) -> list[str]:
        """The stems alone."""
        return [stem for stem, _, _ in self.pieces(text)]


@lru_cache
def _folded_stop_words(language: str) -> frozenset[str]:
    return frozenset(map(_fold_of(language), stop_words(language)))


def _fold_of(language: str) -> Callable[[str], str]:
    return _fold_dotted if language in DOTTED else fold


def _fold_dotted(word: str) -> str:
    return fold(word.replace("\u0130", "i").replace("I", "\u0131"))
