"""Source code: every identifier as a whole and in its parts; nothing is stemmed, no word is left out.

Parts end where case rises (parseJSONFile: parse, json, file), at underscores and between letters and digits. An
identifier of one part is one term. Comments in Chinese and the like become pairs of characters.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from core.measures.analysis.runs import bigrams, fold, tokens

_PART = regex.compile(
    r"(?V1)\p{Lu}+(?=\p{Lu}\p{Ll})"  # JSON of JSONFile
    r"|\p{Lu}?[\p{Ll}\p{M}]+"  # File, parse
    r"|\p{Lu}+"  # JSON
    r"|\p{N}+"
    r"|[\p{Lo}\p{Lt}\p{Lm}\p{M}]+"
)
_APOSTROPHE = regex.compile(r"[^'\u2019]+")


class Code:
    """Implements Analysis."""

    def pieces(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(folded identifier or part, start, end); the parts follow the identifier they lie in."""
        for token, start, _, unspaced in tokens(text):
            if unspaced:
                yield from bigrams(token, start)
                continue
            for found in _APOSTROPHE.finditer(token):  # 'a'b is no word in code
                yield from _identifier(found.group(), start + found.start())

    def stems(self, text: str) -> list[str]:
        """The folded identifiers and parts alone."""
        return [stem for stem, _, _ in self.pieces(text)]


def _identifier(name: str, at: int) -> Iterator[tuple[str, int, int]]:
    yield fold(name), at, at + len(name)
    parts = list(_PART.finditer(name))
    if len(parts) > 1 or (parts and len(parts[0].group()) < len(name)):
        for part in parts:
            yield fold(part.group()), at + part.start(), at + part.end()
