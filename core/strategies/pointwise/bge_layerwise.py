"""BGE layerwise reranker: a cross-encoder on a decoder that may stop after any of its upper layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Score, ScoreAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="bge-layerwise",
    version=1,
    family="pointwise",
    title="BGE layerwise reranker",
    paper="Chen et al. 2024, arXiv:2402.03216",
    slots={"model": Slot(needs=frozenset({Capability.SCORE, Capability.EXIT_LAYER}), format="bge-layerwise")},
    about=About(
        summary="A decoder with a relevance head behind each of its upper layers reads query and passage. Scoring "
        "stops after the chosen layer: fewer layers are faster, and often no worse.",
        cost="N",
        rounds="1",
        strengths=("One parameter trades quality for time, with the same weights.",),
        failures=(
            "Scores of two layers do not compare.",
            "Layers below the first head cannot be chosen.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="Input and heads are those of the authors' FlagEmbedding code, read and not run; its weights are "
        "loaded into transformers' Granite decoder, which computes the same function.",
        promise=Promise.ORDER,
        weights="BAAI/bge-reranker-v2-minicpm-layerwise: Systems > Register, or a [models.NAME] table with source "
        '"hub:BAAI/bge-reranker-v2-minicpm-layerwise", kind "cross-encoder" and formats = ["bge-layerwise"].',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BgeLayerwise:
    """Scores each (query, document) pair with the head behind one layer of a decoder.

    Formula: s(d) = w_l · norm(h_l), h_l the state of the last token after layer l. Cost: N calls in one round, each of
    l layers. Paper: the model card of bge-reranker-v2-minicpm-layerwise, which names arXiv:2402.03216.
    """

    info: ClassVar[StrategyInfo]

    layer: int = parameter(28, help="Layer after which scoring stops; the model card advises 24 to 40.", minimum=1)

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = candidates.query.text
        requests = [Score(query=query, document=document, exit_layer=self.layer) for document in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        scores = tuple(answer.score for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0
