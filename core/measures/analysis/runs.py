"""A text in words and in runs of scripts that put no blanks between words; NFKC, case folded.

A word is a run of letters, digits, combining marks and joiners, with inner apostrophes. A run of Chinese, Japanese,
Korean, Thai, Lao, Khmer or Burmese becomes overlapping pairs of characters, or the one character where it has no
neighbour, as in Lucene's CJK analyzer; a character is an extended grapheme cluster (UAX 29), so that vowel signs and
tone marks stay with their letter. Folding: Unicode Standard, section 3.13, and UAX 15.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import regex

_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc\uff70\uff9e\uff9f"
_UNSPACED = rf"[[{_SCRIPTS}]&&[\p{{L}}\p{{M}}\p{{Nl}}]]"
_RUN = rf"{_UNSPACED}[{_UNSPACED}\p{{M}}]*"
_WORD = rf"[[\p{{L}}\p{{N}}_]--{_UNSPACED}][[\p{{L}}\p{{M}}\p{{N}}_\u200c\u200d]--{_UNSPACED}]*"
_TOKEN = regex.compile(rf"(?V1)({_RUN})|{_WORD}(?:['\u2019]{_WORD})*")
_CLUSTER = regex.compile(r"\X")


def tokens(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """(token as it stands, start, end, whether it is a run without blanks), in order."""
    for match in _TOKEN.finditer(text):
        yield match.group(), match.start(), match.end(), match.group(1) is not None


def bigrams(run: str, at: int) -> Iterator[tuple[str, int, int]]:
    """(folded pair, start, end) of a run that begins ``at``; the spans of neighbours overlap."""
    clusters = [(fold(match.group()), at + match.start(), at + match.end()) for match in _CLUSTER.finditer(run)]
    if len(clusters) == 1:
        yield clusters[0]
    for (left, start, _), (right, _, end) in pairwise(clusters):
        yield left + right, start, end


def fold(word: str) -> str:
    """One spelling of what differs by case, width or composition; the typographic apostrophe is the plain one."""
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", word).casefold()
    return unicodedata.normalize("NFKC", folded).replace("\u2019", "'")
