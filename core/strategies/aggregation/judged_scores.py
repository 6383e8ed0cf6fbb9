"""What members' scores mean, learnt from judged queries: scores of judged documents, and the curve through them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError
from core.domain.requests import Answer, Example, Examples, ExamplesAnswer, Rank, RankAnswer, Request
from core.strategies.aggregation.ballots import checked_order
from core.strategies.aggregation.isotonic import Isotonic, fit_isotonic
from core.strategies.aggregation.platt import Platt, fit_platt
from core.strategies.base import ask

RANK_K = 60  # as in reciprocal rank fusion
CURVES: dict[str, Callable[[NDArray[np.float64], NDArray[np.bool_]], Platt | Isotonic]] = {
    "platt": fit_platt,
    "isotonic": fit_isotonic,
}

Array = NDArray[np.float64]
Curve = Platt | Isotonic
Asking = Generator[Sequence[Request], Sequence[Answer], tuple[Example, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Scores of one member (n,) for judged documents of all examples, and which are relevant (n,)."""

    scores: Array
    relevant: NDArray[np.bool_]

    @property
    def one_sided(self) -> bool:
        """Whether nothing can be learnt: no relevant document, or no irrelevant one."""
        return not self.relevant.any() or bool(self.relevant.all())


def judged_examples(candidates: CandidateList, count: int, depth: int, seed: int) -> Asking:
    """Examples of two documents or more, one of them judged at least; one round, no call."""
    request = Examples(candidates=candidates, count=count, depth=depth, seed=seed)
    (answer,) = yield from ask([request], ExamplesAnswer)
    return tuple(
        example
        for example in answer.examples
        if len(example.grades) > 1 and any(grade is not None for grade in example.grades)
    )


def ranked_by(member: int, lists: Sequence[CandidateList]) -> list[Request]:
    """The requests for one member's rankings of several lists."""
    return [Rank(member=member, candidates=candidates) for candidates in lists]


def scores_of(answer: RankAnswer, n_docs: int, *, by_rank: bool) -> Array:
    """The member's scores by position (n_docs,); ``by_rank``: 1 / (60 + rank) in their place.

    BadAnswerError where it left documents out, or where its scores are not one per document.
    """
    order = checked_order(answer.order, n_docs)
    if len(order) != n_docs or (answer.scores is not None and len(answer.scores) != n_docs):
        raise BadAnswerError(f"A member ranked {len(order)} of {n_docs} documents; it must rank and score all or none.")
    if answer.scores is not None and not by_rank:
        return np.array(answer.scores, dtype=np.float64)
    scores = np.empty(n_docs)
    scores[list(order)] = 1 / (RANK_K + np.arange(1, n_docs + 1))
    return scores


def judged_scores(
    examples: Sequence[Example], answers: Sequence[RankAnswer], least_grade: int, *, by_rank: bool
) -> Judged:
    """One member's scores of what is judged. ``answers``: its rankings of the examples, in order.

    ``least_grade``: from which grade a document is relevant. ``by_rank``: see ``scores_of``.
    """
    scores: list[float] = []
    relevant: list[bool] = []
    for example, answer in zip(examples, answers, strict=True):
        given = scores_of(answer, len(example.grades), by_rank=by_rank)
        for score, grade in zip(given.tolist(), example.grades, strict=True):
            if grade is not None:
                scores.append(score)
                relevant.append(grade >= least_grade)
    return Judged(scores=np.array(scores), relevant=np.array(relevant, dtype=np.bool_))


def why_not(judged: Sequence[Judged]) -> str:
    """Why nothing can be fitted, or "" where something can."""
    if not judged or not len(judged[0].scores):
        return "the list's collection has no other judged queries"
    if judged[0].one_sided:
        grade = "relevant" if judged[0].relevant.all() else "irrelevant"
        return f"all {len(judged[0].scores)} judged documents of the examples are {grade}"
    return ""
