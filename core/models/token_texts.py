"""The texts of generated tokens one by one, so that they joined are the text, and those of their rivals.

A token has no text of its own: a byte-level token may hold half a character, a SentencePiece token loses its blank at
the begin of a text. So a token's text is what the whole text gained by it. Half a character gains nothing (the
replacement sign that a decoder shows for it is taken back by the next token), the token that completes it gains it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from core.domain.requests import WrittenToken

_CONTEXT = 4  # tokens before a rival that its text may depend on: a character has at most four bytes

Decode = Callable[[list[int]], str]
Rivals = tuple[tuple[int, float], ...]  # token ids and their log-probabilities, likeliest first


class Gains:
    """What each token added to a text that is decoded anew after every token."""

    def __init__(self) -> None:
        self._text = ""
        self._ends: list[int] = []

    def add(self, text: str) -> None:
        """``text``: the whole text after one token more."""
        same = len(self._text) if text.startswith(self._text) else _common(self._text, text)
        for place in reversed(range(len(self._ends))):
            if self._ends[place] <= same:
                break
            self._ends[place] = same
        self._ends.append(len(text))
        self._text = text

    def pieces(self, kept: int) -> list[str]:
        """The gain of every token within the first ``kept`` characters; tokens that begin behind them are left out,
        unless they are the last ones of the whole text."""
        found = [self._text[start : min(end, kept)] for start, end in pairwise([0, *self._ends]) if start < kept]
        silent = len(self._ends) - len(found) if kept >= len(self._text) else 0
        return found + [""] * silent


class TokenTexts:
    """Texts of the tokens of one tokenizer."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401  (transformers has no common type)
        self._raw = raw
        self._special = {id: token.content for id, token in raw.added_tokens_decoder.items() if token.special}

    def decode(self, ids: list[int]) -> str:
        """The text of generated tokens, without special ones."""
        return str(self._raw.decode(ids, skip_special_tokens=True))

    def written(
        self, tokens: Sequence[int], pieces: Sequence[str], rivals: Sequence[Rivals]
    ) -> tuple[WrittenToken, ...]:
        """One WrittenToken for each piece; ``tokens`` and ``rivals`` are aligned with the pieces and may be longer."""
        own = [token for token in tokens if token not in self._special]
        found: list[WrittenToken] = []
        read = 0
        for token, piece, others in zip(tokens, pieces, rivals, strict=False):
            before = own[max(0, read - _CONTEXT) : read]
            top = tuple((self._rival(before, other), value) for other, value in others)
            found.append(WrittenToken(text=piece, top=top))
            read += token not in self._special
        return tuple(found)

    def _rival(self, before: list[int], token: int) -> str:
        """The text of ``token`` after ``before``; a special token's is its name."""
        if token in self._special:
            return str(self._special[token])
        known, whole = self.decode(before), self.decode([*before, token])
        return whole[len(known) if whole.startswith(known) else _common(known, whole) :]


def _common(first: str, second: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
