"""ANNCUR: a cross-encoder asked about a few documents; its scores of other queries tell the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError
from core.domain.requests import Example, Examples, ExamplesAnswer, Score, ScoreAnswer
from core.strategies.about import About, Fidelity
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.embedding.cur import cur_scores
from core.strategies.judges import uniform
from core.strategies.trivial import first_stage_order, is_trivial

_DIGITS = 9  # of an approximate score, relative to the largest: below it is rounding, which must not order anything


@strategy(
    name="anncur",
    version=1,
    family="embedding",
    title="ANNCUR (scores from anchors)",
    paper="Yadav et al. 2022, arXiv:2210.12579",
    slots={"model": Slot(needs=frozenset({Capability.SCORE}))},
    about=About(
        summary="The cross-encoder scores the query with a few anchor documents only. How it scored other queries of "
        "the collection with all documents is kept in an index, and from both the query's missing scores are "
        "computed. The best of those are then scored exactly.",
        cost="k_i + k_r (10 + 10), at most N",
        rounds="2",
        strengths=(
            "Far fewer calls of an expensive model once the index stands.",
            "Exact where the scores of queries and documents have a rank no higher than the number of anchors.",
        ),
        failures=(
            "Uniform anchors rarely hit the relevant documents, so the head is approximated worst.",
            "Needs other judged queries of the collection; pasted lists have none.",
            "An index for one list of candidates costs k_q x N scores, which pays only where lists overlap.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="The paper's index covers a whole corpus; here its columns are the candidates of the list, and "
        "documents without an exact score keep their approximate one, never above those that were scored at last.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Anncur:
    """Approximates a row of the cross-encoder's score matrix from some of its columns.

    Formula: a = c · pinv(A[:, I]) · A, c the exact scores of the query with the anchor documents I, A those of the
    anchor queries with all N (an index); then exact scores of the k_r best of a. Cost: k_i + k_r calls in two rounds;
    the index, k_q·N scores, counts for no single query. Paper: arXiv:2210.12579. Without anchor queries the first
    k_i + k_r documents are scored.
    """

    info: ClassVar[StrategyInfo]

    items: int = parameter(10, help="Anchor documents, k_i: scored exactly at first.", minimum=1)
    rescored: int = parameter(10, help="Documents scored exactly at last, k_r.", minimum=0)
    queries: int = parameter(50, help="Anchor queries, k_q: other judged queries of the collection.", minimum=1)
    anchors: str = parameter(
        "uniform", help="Which documents are anchors: drawn (the paper), or the first.", choices=("uniform", "first")
    )
    rcond: float = parameter(
        1e-5, help="Singular values below this share of the largest count as zero.", minimum=0, maximum=1
    )
    seed: int = parameter(0, help="Draws anchor documents and queries.", minimum=0)

    def rerank(self, candidates: CandidateList) -> Steps:
        """Anchors and index in one round, then the exact scores of the most promising."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        examples = Examples(candidates=candidates, count=self.queries, depth=1, seed=self.seed)
        (found,) = yield from ask([examples], ExamplesAnswer)
        if not found.examples:
            return (yield from self._without_index(candidates))
        anchors = self._anchors(candidates)
        index = [score for example in found.examples for score in _row(example, candidates)]
        answers = yield from ask([*_exact(candidates, anchors), *index], ScoreAnswer)
        known = [answer.score for answer in answers]
        if not np.isfinite(known).all():
            raise BadAnswerError("The model gave an anchor a score that is no finite number.")
        rows = np.array(known[len(anchors) :], dtype=np.float64).reshape(len(found.examples), -1)
        values = cur_scores(known[: len(anchors)], rows, anchors, self.rcond)
        last = [position for position in _by_value(values) if position not in anchors][: self.rescored]
        answers = yield from ask(_exact(candidates, last), ScoreAnswer)
        exact = [answer.score for answer in answers]
        values = np.minimum(values, min(exact, default=np.inf))  # what was not scored stays behind what was
        values[[*anchors, *last]] = [*known[: len(anchors)], *exact]
        order = _by_value(values)
        note = f"{len(found.examples)} anchor queries, {len(anchors)} anchor documents, {len(last)} scored at last"
        scores = tuple(float(value) for value in _rounded(values))
        return Outcome(order=order, scores=scores, steps=(Step(round=2, note=note, order=order),))

    def forecast(self, n_docs: int) -> int:
        """Anchor documents and those scored at last; the index is made once for many queries."""
        return min(n_docs, self.items + self.rescored) if n_docs > 1 else 0

    def _without_index(self, candidates: CandidateList) -> Steps:
        """The first documents scored exactly, as many as with an index; the others stay behind them."""
        count = self.forecast(len(candidates.documents))
        answers = yield from ask(_exact(candidates, range(count)), ScoreAnswer)
        order = (*by_score([answer.score for answer in answers]), *range(count, len(candidates.documents)))
        note = "no other judged query in the collection: the first documents were scored, the others were not"
        return Outcome(order=order, repairs=(note,))

    def _anchors(self, candidates: CandidateList) -> list[int]:
        """Positions of the anchor documents, ascending."""
        positions = range(len(candidates.documents))
        if self.anchors == "first":
            return list(positions[: self.items])
        query = candidates.query.id
        drawn = sorted(positions, key=lambda position: uniform(self.seed, "anchor", query, str(position)))
        return sorted(drawn[: self.items])


def _exact(candidates: CandidateList, positions: Sequence[int]) -> list[Score]:
    query = candidates.query.text
    return [Score(query=query, document=candidates.documents[position]) for position in positions]


def _row(example: Example, candidates: CandidateList) -> list[Score]:
    """The scores of one anchor query with all documents, from the index."""
    query = example.candidates.query.text
    return [Score(query=query, document=document, indexed=True) for document in candidates.documents]


def _by_value(values: NDArray[np.float64]) -> tuple[int, ...]:
    """Positions, best first; equal up to rounding, in first-stage order."""
    return by_score([float(value) for value in _rounded(values)])


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = float(np.abs(values).max(initial=0.0)) or 1.0
    return np.asarray(np.round(values / scale, _DIGITS) * scale, dtype=np.float64)
