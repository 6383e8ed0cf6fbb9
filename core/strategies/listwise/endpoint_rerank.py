"""Endpoint rerank: a served model that scores a whole list at once (``/rerank`` of Cohere, Jina, TEI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import ScoreList, ScoreListAnswer
from core.strategies.about import About, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="endpoint-rerank",
    version=1,
    family="listwise",
    title="Rerank endpoint",
    slots={"model": Slot(needs=frozenset({Capability.SCORE_LIST}))},
    about=About(
        summary="Hands query and candidates to a served reranker (/rerank of Cohere, Jina, Voyage, TEI, vLLM) and "
        "sorts by the scores that come back.",
        cost="1",
        rounds="1",
        strengths=(
            "One request, and the server does the batching.",
            "The way to commercial rerankers whose weights nobody has.",
        ),
        failures=(
            "What the server does with long documents and long lists is its own affair.",
            "Served models change without notice; the model's name is all that pins them.",
        ),
        fidelity_note="What it does is up to the server; there is no paper to follow.",
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRerank:
    """Hands query and documents to a rerank endpoint and sorts by the scores that come back.

    Formula: s(d) = the endpoint's relevance score. Cost: one call for the whole list (the endpoint may
    charge per document). Paper: that of the served model.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """One request for all scores."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        request = ScoreList(query=candidates.query.text, documents=candidates.documents)
        (answer,) = yield from ask([request], ScoreListAnswer)
        return Outcome(order=by_score(answer.scores), scores=answer.scores)

    def forecast(self, n_docs: int) -> int:
        """One call."""
        return int(n_docs > 1)
