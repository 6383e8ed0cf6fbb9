"""Cross-encoder: a model that reads query and document together and gives a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Score, ScoreAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="cross-encoder",
    version=1,
    family="pointwise",
    title="Cross-encoder",
    paper="Nogueira and Cho 2019, arXiv:1901.04085",
    slots={"model": Slot(needs=frozenset({Capability.SCORE}))},
    about=About(
        summary="A model reads query and document together and gives one relevance score. Every word of one can look "
        "at every word of the other, which makes it the standard for quality per call.",
        cost="N",
        rounds="1",
        strengths=("Strong and steady, also with small models.", "A score depends on nothing but its document."),
        failures=(
            "Nothing can be prepared before the query is known.",
            "Text beyond the model's length is not read.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Scores are the raw logits, equal to those of sentence-transformers' CrossEncoder on random models; they "
            "order as any rising function of them does."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEncoder:
    """Scores each (query, document) pair on its own.

    Formula: s(d) = f(q, d), the relevance logit of the model. Cost: N calls in one round.
    Paper: arXiv:1901.04085.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests = [Score(query=candidates.query.text, document=document) for document in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        scores = tuple(answer.score for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0
