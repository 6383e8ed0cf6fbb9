"""DeAR stage one: a decoder with a scalar head that reads ``query: ...`` and ``document: title text``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import Score, ScoreAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="dear-pointwise",
    version=1,
    family="pointwise",
    title="DeAR pointwise",
    paper="Abdallah et al. 2025, arXiv:2508.16998",
    slots={"model": Slot(needs=frozenset({Capability.SCORE}), format="dear-pointwise")},
    about=About(
        summary=(
            "A language model with a scalar head, distilled from a larger one, reads query and document together; the "
            "head's output at the last token is the score. The first stage of DeAR; the second orders its head with "
            "reasoning."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "As parallel as any cross-encoder, with the knowledge of an 8B model.",
            "Scores do not depend on the other candidates.",
        ),
        failures=(
            "Trained on 228 tokens: longer passages are cut.",
            "Where padding and end of text share a token, only a mask tells the last token; a library without one "
            "scores padding.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "The pair of texts is that of the published example, title and text joined by a blank; the reference may "
            "cut the query, here only the document is cut."
        ),
        promise=Promise.ORDER,
        weights=(
            "abdoelsayed/dear-8b-reranker-ce-v1 (also 3B, and rank loss instead of cross-entropy): a [models.NAME] "
            "table with source = hub:..., kind cross-encoder, max_length 228 and the format dear-pointwise, without "
            "prefixes of its own; or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class DearPointwise:
    """Scores each pair of prefixed texts with a decoder cross-encoder.

    Formula: s(d) = head(last token of "query: q", "document: title text"). Cost: N calls in one round. Paper: DeAR,
    arXiv:2508.16998 (query of 32 and document of 196 tokens).
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = f"query: {candidates.query.text}"
        requests = [Score(query=query, document=_prefixed(document)) for document in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        scores = tuple(answer.score for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0


def _prefixed(document: Document) -> Document:
    title = f"{document.title} " if document.title else ""
    return Document(id=document.id, text=f"document: {title}{document.text}")
