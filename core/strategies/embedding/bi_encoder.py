"""Bi-encoder: cosine of one vector for the query and one for each document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import cosine


@strategy(
    name="bi-encoder",
    version=1,
    family="embedding",
    title="Bi-encoder cosine",
    paper="Reimers and Gurevych 2019, arXiv:1908.10084",
    slots={"model": Slot(needs=frozenset({Capability.EMBED_POOLED}), default="all-minilm-l6-v2")},
    about=About(
        summary="Query and documents are embedded apart, each as one vector, and compared by cosine. Document vectors "
        "can be made once and kept, so a query costs one encoding and N products.",
        cost="N + 1",
        rounds="1",
        strengths=("The cheapest neural ranking; vectors are kept.", "A score depends on nothing but its document."),
        failures=(
            "One vector holds only so much: names, numbers and negations blur.",
            "Only the part of a long document that the model reads is represented.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note="Vectors and cosines equal those of sentence-transformers for the bundled model and random ones.",
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BiEncoder:
    """Embeds query and documents separately; documents can be embedded once and kept.

    Formula: s(d) = cos(E(q), E(d)). Cost: N + 1 calls in one round. Paper: Sentence-BERT,
    arXiv:1908.10084.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All embeddings in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests = [Embed(text=candidates.query.text, role="query")]
        requests += [Embed(text=d.content, role="document", document_id=d.id) for d in candidates.documents]
        query, *documents = yield from ask(requests, EmbedAnswer)
        scores = tuple(cosine(query.vector, document.vector) for document in documents)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """The query and every document."""
        return n_docs + 1 if n_docs > 1 else 0
