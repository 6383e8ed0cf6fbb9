"""Score fusion: the members' scores brought to one scale and added up with weights."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError
from core.domain.requests import Answer, Example, RankAnswer, Request
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.judged_scores import (
    CURVES,
    Judged,
    judged_examples,
    judged_scores,
    ranked_by,
    scores_of,
    why_not,
)
from core.strategies.base import Outcome, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial

Array = NDArray[np.float64]
Asking = Generator[Sequence[Request], Sequence[Answer], tuple[tuple[Example, ...], list[list[RankAnswer]]]]


@strategy(
    name="score-fusion",
    version=1,
    family="aggregation",
    title="Calibrated score fusion",
    paper="Bassani and Romelli 2022, doi:10.1145/3511808.3557207",
    members=True,
    about=About(
        summary=(
            "All members rank the candidates; the scores of each are brought to one scale and added up with weights. "
            "The scale is either that of the list itself (z-score, min-max) or the probability of relevance, by a "
            "curve (Platt, isotonic) fitted to the member's scores of judged documents of other queries of the "
            "collection. The list's own query is never among them."
        ),
        cost="those of the members; with platt or isotonic also those over the examples",
        rounds="those of the deepest member",
        strengths=(
            "Uses how much better a document is, where fusions of ranks see only that it is better.",
            "Fitted curves know how far each member can be trusted; a member that tells nothing adds nothing.",
        ),
        failures=(
            "z-scores and min-max stretch a list without any relevant document as far as any other; one outlying score "
            "squeezes all the rest under min-max.",
            "Isotonic curves from few judged documents are flat in stretches, so many documents tie.",
            "With platt or isotonic every member also ranks the examples; the answer cache keeps that for other lists.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "The scales are the published ones; which judged queries a curve is fitted on, that a falling Platt curve "
            "leaves its member out, and 1 / (60 + rank) for members without scores are our choice."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFusion:
    """Adds up calibrated scores.

    Formula: s(d) = Σ_m w_m·c_m(s_m(d)), with c_m the z-score (s - mean) / deviation, min-max (s - min) / (max - min),
    or a curve fitted on judged queries; lists of one score only become zeros. Cost: no call of its own; with platt or
    isotonic the members also rank up to ``examples`` lists of up to ``depth`` documents. Paper: the scales as in
    Bassani and Romelli 2022 (ranx.fuse), doi:10.1145/3511808.3557207; Platt 1999; Zadrozny and Elkan 2002.
    """

    info: ClassVar[StrategyInfo]

    members: int = 2
    calibration: str = parameter(
        "z-score",
        help="How scores become comparable; platt and isotonic need other judged queries of the collection.",
        choices=("z-score", "min-max", "platt", "isotonic"),
    )
    depth: int = parameter(20, help="Documents per judged query that a curve is fitted on.", minimum=2, maximum=1000)
    examples: int = parameter(20, help="Judged queries that a curve is fitted on.", minimum=1, maximum=1000)
    grade: int = parameter(1, help="From which grade a judged document is relevant.", minimum=1, maximum=100)
    seed: int = parameter(0, help="Another seed draws other judged queries.", minimum=0, maximum=1_000_000)
    weights: str = parameter("", help="One number per member with / between them, such as 2/1; empty: all the same.")

    def __post_init__(self) -> None:
        self._weights()

    def rerank(self, candidates: CandidateList) -> Steps:
        """One round for the examples where a curve is fitted, one for all rankings."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        examples, answers = yield from self._ask(candidates)
        unscored = [any(answer.scores is None for answer in own) for own in answers]
        given = [scores_of(own[0], n_docs, by_rank=bare) for own, bare in zip(answers, unscored, strict=True)]
        judged = [
            judged_scores(examples, own[1:], self.grade, by_rank=bare)
            for own, bare in zip(answers, unscored, strict=True)
        ]
        repairs = [
            f"member {number} gives no scores; 1 / (60 + rank) stands for them"
            for number, bare in enumerate(unscored, start=1)
            if bare
        ]
        calibrated, notes = self._calibrate(given, judged)
        weighted = [weight * scores for weight, scores in zip(self._weights(), calibrated, strict=True)]
        scores = tuple(math.fsum(column) for column in np.stack(weighted, axis=1).tolist())
        return Outcome(order=by_score(scores), scores=scores, repairs=(*repairs, *notes))

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the members' own."""
        return 0

    def member_lists(self, member: int, n_docs: int) -> tuple[int, ...]:  # noqa: ARG002 - part of the protocol
        """The candidates, and the examples where a curve is fitted."""
        if n_docs < 2:
            return ()
        return (n_docs, *((self.depth,) * self.examples if self.calibration in CURVES else ()))

    def _ask(self, candidates: CandidateList) -> Asking:
        """The examples, and every member's rankings of the candidates and of each example."""
        examples: tuple[Example, ...] = ()
        if self.calibration in CURVES:
            examples = yield from judged_examples(candidates, self.examples, self.depth, self.seed)
        lists = [candidates, *(example.candidates for example in examples)]
        asked = [request for member in range(self.members) for request in ranked_by(member, lists)]
        answers = yield from ask(asked, RankAnswer)
        return examples, [answers[start : start + len(lists)] for start in range(0, len(answers), len(lists))]

    def _calibrate(self, given: Sequence[Array], judged: Sequence[Judged]) -> tuple[list[Array], list[str]]:
        """The scores of every member on one scale, and what had to be mended."""
        if self.calibration == "min-max":
            return [min_max(scores) for scores in given], []
        if self.calibration not in CURVES:
            return [z_scores(scores) for scores in given], []
        if reason := why_not(judged):
            return [z_scores(scores) for scores in given], [f"z-scores in place of {self.calibration}: {reason}"]
        curves = [CURVES[self.calibration](one.scores, one.relevant) for one in judged]
        notes = [
            f"member {number} scores relevant examples no higher than others; it is left out"
            for number, curve in enumerate(curves, start=1)
            if not curve.rising
        ]
        fitted = zip(curves, given, strict=True)
        return [curve(scores) if curve.rising else np.zeros_like(scores) for curve, scores in fitted], notes

    def _weights(self) -> tuple[float, ...]:
        """One weight per member; InvalidInputError where they are none."""
        if not self.weights.strip():
            return (1.0,) * self.members
        try:
            weights = tuple(float(word) for word in self.weights.split("/"))
        except ValueError:
            weights = ()
        if len(weights) != self.members or not all(math.isfinite(one) and one >= 0 for one in weights):
            raise InvalidInputError(
                f"The weights of a score fusion of {self.members} members are {self.members} numbers from 0 with / "
                f"between them, such as {'/'.join(['1'] * self.members)}, not {self.weights!r}."
            )
        return weights


def z_scores(scores: Array) -> Array:
    """(s - mean) / standard deviation (n,); zeros where all scores are equal."""
    spread = float(scores.std()) if scores.min() < scores.max() else 0.0
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)


def min_max(scores: Array) -> Array:
    """(s - least) / (most - least) (n,); zeros where all scores are equal."""
    least, most = float(scores.min()), float(scores.max())
    return (scores - least) / (most - least) if most > least else np.zeros_like(scores)
