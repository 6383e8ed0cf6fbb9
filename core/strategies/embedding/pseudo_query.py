"""Pseudo-query: the idea of E2Rank for embedding models that were not trained for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer, EmbedPrompt, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.prompts import Piece, document_part, plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import cosine, unit


@strategy(
    name="pseudo-query",
    version=1,
    family="embedding",
    title="Pseudo-query with any embedding model",
    paper="after Liu et al. 2025, arXiv:2510.22733",
    slots={
        "model": Slot(needs=frozenset({Capability.EMBED_POOLED, Capability.EMBED_PROMPT}), default="all-minilm-l6-v2")
    },
    about=About(
        summary="Embeds a text that holds the query and the first documents of the list, and moves the query's vector "
        "towards it: feedback from documents that the first stage already trusts. E2Rank does this with weights "
        "trained for it; here any embedding model may try.",
        cost="N + 2",
        rounds="1",
        strengths=("Helps short queries whose first documents are on topic.",),
        failures=(
            "Drifts with the listed documents where the first stage is wrong.",
            "Models that read few tokens see only the beginnings of the listed documents.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note="E2Rank's listing without its training; the weight of the listing is ours.",
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PseudoQuery:
    """Moves the query's vector towards that of a text which lists the first documents after it.

    Formula: s(d) = cos((1 - w)·u(E(q)) + w·u(E(q, d_1 ... d_L)), E(d)), u: to length 1; w = 0 is the bi-encoder. Cost:
    N + 2 calls in one round. Paper: the listing of E2Rank, arXiv:2510.22733, and the feedback of Rocchio 1971.
    """

    info: ClassVar[StrategyInfo]

    listed: int = parameter(5, help="First documents that are listed after the query.", minimum=1)
    weight: float = parameter(0.5, help="Share of the listing; 0 is the bi-encoder.", minimum=0, maximum=1)

    def rerank(self, candidates: CandidateList) -> Steps:
        """Query, listing and documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests: list[Embed | EmbedPrompt] = [
            Embed(text=candidates.query.text, role="query"),
            EmbedPrompt(prompt=self._listing(candidates)),
        ]
        requests += [Embed(text=d.content, role="document", document_id=d.id) for d in candidates.documents]
        query, listing, *documents = yield from ask(requests, EmbedAnswer)
        vector = (1 - self.weight) * unit(query.vector) + self.weight * unit(listing.vector)
        scores = tuple(cosine(vector, document.vector) for document in documents)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Query, listing and every document."""
        return n_docs + 2 if n_docs > 1 else 0

    def _listing(self, candidates: CandidateList) -> Prompt:
        pieces: list[Piece] = [query_part(candidates.query.text)]
        for document in candidates.documents[: self.listed]:
            pieces += ["\n", document_part(document)]
        return plain(*pieces)
