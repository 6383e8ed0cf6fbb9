"""Prompts whose documents' tokens are to be told apart from all others, for AttentionMass.

Tokens are found by characters: the rendered prompt is tokenised whole, and a document has the tokens of which it holds
at least half of the characters; of two documents that share one evenly, the first has it. A token of no character (a
further piece of one character) belongs to the document that holds the character before it. The tokens that read are
those that hold a character from the begin of the first query on, to the end of the prompt: what follows the query (its
end of turn, the opening of the answer) reads along, as in Chen et al. 2024 (arXiv:2410.02642).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.errors import BadAnswerError
from core.domain.requests import Cut
from core.models.tokens import Ids

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attended:
    """``ids`` go through the model; tokens from ``reads_from`` on read; ``spans``: the tokens of each document, empty
    for one that has none."""

    ids: Ids
    reads_from: int
    spans: tuple[Span, ...]
    cuts: tuple[Cut, ...]

    @property
    def readers(self) -> range:
        """Positions of the tokens that read."""
        return range(self.reads_from, len(self.ids))


def attended(
    model: str, ids: Ids, ends: Ids, documents: Sequence[Span | None], asked: int | None, cuts: tuple[Cut, ...]
) -> Attended:
    """``ends``: (n_tokens,) where the tokens end in the text; ``ids`` may open with tokens that are not in it.
    ``documents`` and ``asked``: characters of the text. BadAnswerError where the prompt lacks a query or a document."""
    before = len(ids) - len(ends)
    if asked is None or not len(ends) or ends[-1] <= asked:
        raise BadAnswerError(f"{model}: the prompt has no query whose attention could be read.")
    reads_from = before + int((ends <= asked).sum())
    spans: list[Span] = []
    taken = 0
    for span in documents:
        if span is None:
            raise BadAnswerError(f"{model}: its chat template leaves out a part of the prompt that holds a document.")
        begin, end = tokens_of(ends, span)
        begin, end = max(begin, taken), max(end, taken)
        taken = end
        spans.append((before + begin, before + end))
    return Attended(ids=ids, reads_from=reads_from, spans=tuple(spans), cuts=cuts)


def tokens_of(ends: Ids, span: Span) -> Span:
    """The tokens of which characters ``span`` hold at least half."""
    begin, end = span
    starts = np.concatenate([[0], ends[:-1]])
    held = np.minimum(ends, end) - np.maximum(starts, begin)
    inside = np.where(ends > starts, (held > 0) & (2 * held >= ends - starts), (begin < ends) & (ends <= end))
    found = np.flatnonzero(inside)
    if not len(found):
        first = int(np.searchsorted(ends, begin))
        return first, first
    return int(found[0]), int(found[-1]) + 1
