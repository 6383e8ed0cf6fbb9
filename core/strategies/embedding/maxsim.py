"""Late interaction (MaxSim): every query token finds its best document token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import max_similarity


@strategy(
    name="maxsim",
    version=1,
    family="embedding",
    title="Late interaction (MaxSim)",
    paper="Khattab and Zaharia 2020, arXiv:2004.12832",
    slots={"model": Slot(needs=frozenset({Capability.EMBED_TOKENS}), default="all-minilm-l6-v2")},
    about=About(
        summary="Keeps one vector per token. Every query token looks for its best document token, and these "
        "similarities add up. Words find words, and meaning still counts, because the vectors know their context.",
        cost="N + 1",
        rounds="1",
        strengths=(
            "Sees single words that one vector per document loses.",
            "Document vectors can be made once and kept.",
        ),
        failures=(
            "Long documents offer more tokens, and so more chances to match.",
            "Token vectors of models that were not trained for it are a makeshift.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The score equals that of PyLate for each document by itself; its padding with zeros, which beats "
            "negative cosines, is left out. ColBERT's markers, mask expansion and skipped punctuation come with "
            "multi-vector models, whose adapter adds them."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MaxSim:
    """Keeps one vector per token and compares them only at the end.

    Formula: s(d) = Σ_i max_j cos(q_i, d_j) over query tokens i and document tokens j. Cost: N + 1 calls in
    one round, and N matrix products. Paper: ColBERT, arXiv:2004.12832; its marker tokens and mask augmentation
    are added by the adapter of multi-vector models, pruning is ``late-interaction``.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All token vectors in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests = [Embed(text=candidates.query.text, role="query", at="tokens")]
        requests += [
            Embed(text=d.content, role="document", at="tokens", document_id=d.id) for d in candidates.documents
        ]
        query, *documents = yield from ask(requests, EmbedAnswer)
        scores = tuple(max_similarity(query.vector, document.vector) for document in documents)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """The query and every document."""
        return n_docs + 1 if n_docs > 1 else 0
