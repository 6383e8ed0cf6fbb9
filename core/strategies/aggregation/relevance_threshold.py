"""Where to cut a list: a member's scores as probabilities of relevance, and a threshold on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.judged_scores import (
    CURVES,
    judged_examples,
    judged_scores,
    ranked_by,
    scores_of,
    why_not,
)
from core.strategies.base import Outcome, Step, Steps, StrategyInfo, ask, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="relevance-threshold",
    version=1,
    family="aggregation",
    title="Relevance threshold",
    paper="Platt 1999; Zadrozny and Elkan 2002, doi:10.1145/775047.775151",
    members=True,
    least_members=1,
    most_members=1,
    about=About(
        summary=(
            "Leaves the order of its one member as it is and says where to cut it: a curve fitted to the member's "
            "scores of judged documents of other queries turns each score into a probability of relevance, and what "
            "is at least as probable as the threshold is kept. The list's own query is never among the judged ones."
        ),
        cost="those of the member over the list and over the examples",
        rounds="those of the member",
        strengths=(
            "Shows fewer documents where few are relevant, and none where none is.",
            "The threshold means the same for every system: a probability, not a score.",
        ),
        failures=(
            "Scores that mean something else from query to query (BM25) cannot be cut well by one curve.",
            "Probabilities are those among judged documents, which are often likelier to be relevant than the rest.",
            "Says nothing without judged queries, or where the member gives no scores.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "The curves are the published ones; cutting a ranking with them is our choice beside the trained Cosine "
            "Adapter."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceThreshold:
    """Keeps the head of the member's order whose probability of relevance reaches the threshold.

    Formula: keep = #{d: c(s(d)) ≥ threshold}, c the curve of platt.py or isotonic.py; it never falls, so what is kept
    is a head of the order. Cost: no call of its own; the member also ranks up to ``examples`` lists of up to ``depth``
    documents. Paper: Platt 1999; Zadrozny and Elkan 2002.
    """

    info: ClassVar[StrategyInfo]

    members: int = 1
    curve: str = parameter(
        "platt", help="The form of the curve: logistic, or any that never falls.", choices=("platt", "isotonic")
    )
    depth: int = parameter(20, help="Documents per judged query that the curve is fitted on.", minimum=2, maximum=1000)
    examples: int = parameter(20, help="Judged queries that the curve is fitted on.", minimum=1, maximum=1000)
    grade: int = parameter(1, help="From which grade a judged document is relevant.", minimum=1, maximum=100)
    seed: int = parameter(0, help="Another seed draws other judged queries.", minimum=0, maximum=1_000_000)
    threshold: float = parameter(0.5, help="Least probability of relevance that is kept.", minimum=0.0, maximum=1.0)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One round for the examples, one for all rankings."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        examples = yield from judged_examples(candidates, self.examples, self.depth, self.seed)
        lists = [candidates, *(example.candidates for example in examples)]
        answers = yield from ask(ranked_by(0, lists), RankAnswer)
        own = answers[0]
        if any(answer.scores is None for answer in answers):
            return _uncut(own, "the member gives no scores")
        judged = judged_scores(examples, answers[1:], self.grade, by_rank=False)
        if reason := why_not([judged]):
            return _uncut(own, reason)
        curve = CURVES[self.curve](judged.scores, judged.relevant)
        if not curve.rising:
            return _uncut(own, "the member scores relevant examples no higher than others")
        chances = curve(scores_of(own, len(candidates.documents), by_rank=False)).tolist()
        keep = sum(chance >= self.threshold for chance in chances)
        note = (
            f"fitted on {len(judged.scores)} judged documents of {len(examples)} queries; {_border(own, chances, keep)}"
        )
        return Outcome(
            order=own.order, scores=own.scores, keep=keep, steps=(Step(round=2, note=note, order=own.order),)
        )

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the member's own."""
        return 0

    def member_lists(self, member: int, n_docs: int) -> tuple[int, ...]:  # noqa: ARG002 - part of the protocol
        """The candidates and the examples."""
        return (n_docs, *(self.depth,) * self.examples) if n_docs > 1 else ()


def _uncut(answer: RankAnswer, reason: str) -> Outcome:
    """The member's order as it is, and why nothing is cut."""
    return Outcome(order=answer.order, scores=answer.scores, repairs=(f"not cut: {reason}",))


def _border(answer: RankAnswer, chances: Sequence[float], keep: int) -> str:
    """The probabilities of the last kept and of the first left out, in words."""
    kept = [f"the last kept has probability {chances[answer.order[keep - 1]]:.3f}"] if keep else []
    left = [f"the first left out {chances[answer.order[keep]]:.3f}"] if keep < len(chances) else []
    return ", ".join([*kept, *left])
