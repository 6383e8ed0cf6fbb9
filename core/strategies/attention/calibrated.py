"""What both rankings by attention share: the prompt, the two passes, the calibrated sums.

A passage that answers the query is paid more attention by the query's tokens. Part of what a token is paid has nothing
to do with the query (first tokens, punctuation, places): a second pass with the query "N/A" measures that part, and it
is subtracted token by token.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList
from core.domain.requests import AttentionAnswer, AttentionMass, Part, Prompt
from core.strategies.base import Outcome, Step, Steps, ask, by_score, parameter
from core.strategies.listwise.passages import identifiers, passage_part
from core.strategies.prompts import Piece, message, query_part
from core.strategies.trivial import first_stage_order, is_trivial

NO_QUERY = "N/A"  # the content-free query
DEVIATIONS = 2.0  # below the mean, from which on a token's difference counts as noise
DECIMALS = 6  # of scores: attention is float32, and sums that differ less are equal
_NOISE = 1e-9  # of the largest difference: what rounding makes of equal ones
_LATE = "Find in the passages above what answers the following query."


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAttention(ABC):
    """Two passes over all passages, one with the query and one without."""

    order: str = parameter(
        "reversed",
        help="How the passages stand in the prompt: the best of the first stage last, next to the query, or first.",
        choices=("reversed", "first-stage"),
    )
    words: int = parameter(
        300, help="Words of a passage that the model sees, 0 for all of them.", minimum=0, maximum=100_000
    )
    readers: str = parameter(
        "query",
        help="Whose attention counts: from the query on, or from the instruction before it on (as the released code).",
        choices=("query", "instruction"),
    )

    @abstractmethod
    def layers(self) -> tuple[float, float]:
        """The first and the last layer that count, as shares of all."""

    def rerank(self, candidates: CandidateList) -> Steps:
        """Both passes in one round, since they share everything up to the query."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        shown = list(range(len(candidates.documents)))
        if self.order == "reversed":
            shown.reverse()
        first, last = self.layers()
        prompts = [self._prompt(candidates, shown, query) for query in (candidates.query.text, NO_QUERY)]
        asked = [AttentionMass(prompt=prompt, first_layer=first, last_layer=last) for prompt in prompts]
        paid, usual = yield from ask(asked, AttentionAnswer)
        sums, repairs = calibrated_sums(paid.per_document(), usual.per_document())
        by_position = dict(zip(shown, sums, strict=True))
        scores = tuple(by_position[position] for position in range(len(shown)))
        order = by_score(scores)
        step = Step(round=1, note="Attention paid to each passage, less what it is paid without a query.", order=order)
        return Outcome(order=order, scores=scores, repairs=repairs, steps=(step,))

    def forecast(self, n_docs: int) -> int:
        """With the query and without."""
        return 2 if n_docs > 1 else 0

    def _prompt(self, candidates: CandidateList, shown: Sequence[int], query: str) -> Prompt:
        pieces: list[Piece] = ["Here are numbered passages:"]
        for name, position in zip(identifiers(len(shown)), shown, strict=True):
            pieces += [f"\n\n{name} ", passage_part(candidates.documents[position], words=self.words)]
        late = f"{_LATE}\n\nQuery:"
        reads = self.readers == "instruction"
        pieces += ["\n\n", Part(text=late, kind="query" if reads else "text"), " ", query_part(query)]
        return Prompt(messages=(message("user", *pieces),))


def calibrated_sums(
    paid: Sequence[NDArray[np.float32]], usual: Sequence[NDArray[np.float32]]
) -> tuple[list[float], tuple[str, ...]]:
    """The score of each document from its tokens' attention with and without the query, and what had to be mended.

    A document of which no token was seen gets the lowest score of the others. Where a document was cut in one pass
    more than in the other, the tokens that both saw count.
    """
    sums = [calibrated_sum(with_query, without) for with_query, without in zip(paid, usual, strict=True)]
    known = [value for value in sums if value is not None]
    repairs = []
    if len(known) < len(sums):
        repairs.append(f"{len(sums) - len(known)} of the passages had no token in the prompt; ranked with the lowest")
    uneven = sum(len(one) != len(other) for one, other in zip(paid, usual, strict=True))
    if uneven:
        repairs.append(f"{uneven} of the passages were cut differently without the query; their common part counts")
    lowest = min(known, default=0.0)
    return [lowest if value is None else value for value in sums], tuple(repairs)


def calibrated_sum(paid: NDArray[np.float32], usual: NDArray[np.float32]) -> float | None:
    """Σ_t (paid_t - usual_t) over the tokens that are not more than two standard deviations below the mean of the
    document's differences; None for a document without tokens. A token alone has no deviation and counts."""
    seen = min(len(paid), len(usual))
    if not seen:
        return None
    differences = paid[:seen].astype(np.float64) - usual[:seen].astype(np.float64)
    if seen > 1:
        least = differences.mean() - DEVIATIONS * differences.std(ddof=1) - _NOISE * np.abs(differences).max()
        differences = differences[differences >= least]
    return round(float(differences.sum()), DECIMALS) + 0.0  # no -0.0
