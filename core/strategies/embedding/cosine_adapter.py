"""Cosine Adapter: the order of the cosines, and a trained map of them that says where relevance ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer, Transform, TransformAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import cosine, unit

_LEAST = 1e-6  # the map must rise: the order within a query is that of the cosines


@strategy(
    name="cosine-adapter",
    version=1,
    family="embedding",
    title="Cosine Adapter (relevance threshold)",
    paper="Rossi et al. 2024, arXiv:2408.04887",
    slots={
        "model": Slot(needs=frozenset({Capability.EMBED_POOLED}), default="all-minilm-l6-v2"),
        "head": Slot(needs=frozenset({Capability.TRANSFORM}), format="cosine-adapter"),
    },
    about=About(
        summary="Cosines of two queries do not mean the same: 0.6 may be relevant for one and not for another. A small "
        "network reads the query's vector and gives a rising map of cosines to chances of relevance. The order stays "
        "that of the cosines; the list is cut where the chance falls below a threshold.",
        cost="N + 2",
        rounds="2",
        strengths=("Says where to cut the list, with one threshold for all queries.",),
        failures=(
            "The network fits one embedding model and the queries it was trained with.",
            "Cannot mend the order: what the cosines rank low stays low.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="The paper's linear, square-root and power maps in one formula; the network's sizes are not "
        "published, so a folder states its own.",
        promise=Promise.ORDER,
        weights="No weights are published. Train a network on judged queries of your embedding model and save it as "
        "core/models/trained_head.py describes; then a [models.NAME] table with its folder as the source, kind "
        '"trained-head" and formats = ["cosine-adapter"].',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CosineAdapter:
    """Ranks by cosine, maps the cosines with a function of the query, and cuts at a threshold.

    Formula: p(d) = sigmoid(a·x^c + b), x = (1 + cos(E(q), E(d))) / 2, with (a, c, b) = MLP(E(q)) and a, c > 0, so that
    the order is that of the cosines; kept are d with p(d) >= threshold. Cost: N + 1 embeddings and one call of the MLP
    in two rounds. Paper: arXiv:2408.04887.
    """

    info: ClassVar[StrategyInfo]

    threshold: float = parameter(0.5, help="Least chance of relevance of a kept document.", minimum=0, maximum=1)

    def rerank(self, candidates: CandidateList) -> Steps:
        """Vectors in one round, then the map of the query's vector."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests = [Embed(text=candidates.query.text, role="query")]
        requests += [Embed(text=d.content, role="document", document_id=d.id) for d in candidates.documents]
        query, *documents = yield from ask(requests, EmbedAnswer)
        cosines = [cosine(query.vector, document.vector) for document in documents]
        vector = tuple(float(value) for value in unit(query.vector))
        (answer,) = yield from ask([Transform(vectors=(vector,), slot="head")], TransformAnswer)
        slope, power, offset, repairs = _map_of([float(value) for value in answer.values.ravel()])
        mapped = [mapped_cosine(value, slope, power, offset) for value in cosines]
        order = by_score(cosines)
        distinct = len(set(mapped)) == len(set(cosines))  # else rounding made two cosines one
        keep = sum(value >= self.threshold for value in mapped)
        note = f"{keep} of {len(mapped)} kept; slope {slope:.4g}, power {power:.4g}, offset {offset:.4g}"
        return Outcome(
            order=order,
            scores=tuple(mapped if distinct else cosines),
            repairs=repairs,
            keep=keep,
            steps=(Step(round=2, note=note, order=order),),
        )

    def forecast(self, n_docs: int) -> int:
        """The query, every document and the map."""
        return n_docs + 2 if n_docs > 1 else 0


def mapped_cosine(value: float, slope: float, power: float, offset: float) -> float:
    """The chance of relevance that a cosine stands for: sigmoid(slope·x^power + offset), x = (1 + cosine) / 2."""
    logit = slope * min(max((1 + value) / 2, 0.0), 1.0) ** power + offset
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))


def _map_of(values: Sequence[float]) -> tuple[float, float, float, tuple[str, ...]]:
    """Slope, power and offset; the plain map x -> sigmoid(x) where the head gives none that rises."""
    rising = len(values) == 3 and all(map(math.isfinite, values)) and min(values[0], values[1]) >= _LEAST
    if not rising:
        return 1.0, 1.0, 0.0, ("the head's map does not rise; cosines stand for themselves",)
    return values[0], values[1], values[2], ()
