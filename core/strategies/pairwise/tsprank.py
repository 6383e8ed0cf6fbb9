"""TSPRank: a trained comparator of item vectors, and the order in which neighbours fit best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError
from core.domain.requests import Embed, EmbedAnswer, Transform, TransformAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.hamiltonian import best_path, path_weight
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import unit

FEATURES = ("document", "product", "both")


@strategy(
    name="tsprank",
    version=1,
    family="pairwise",
    title="TSPRank (trained comparator)",
    paper="Li et al. 2024, arXiv:2411.12064",
    slots={
        "model": Slot(needs=frozenset({Capability.EMBED_POOLED}), default="all-minilm-l6-v2"),
        "head": Slot(needs=frozenset({Capability.TRANSFORM}), format="tsprank"),
    },
    about=About(
        summary="A small trained network looks at the vectors of all documents and says for every pair how well the "
        "second follows the first. The ranking is the path through all documents whose steps add up to most, as a "
        "travelling salesman would choose it.",
        cost="N + 2",
        rounds="2",
        strengths=("Judges the whole order at once, not documents one by one.", "No language model is asked."),
        failures=(
            "Exact paths are found for few documents only; long lists get the best of several local optima.",
            "With separate maps for the two triangles the result depends on the order in which documents come.",
            "The comparator fits one embedding model and one kind of data.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="Network and names of its weights are those of the authors' code; an exact dynamic programme and "
        "local search take the place of their commercial solver; how query and document become an item is ours.",
        promise=Promise.ORDER,
        weights="The authors publish comparators for shares, MQ2008 and events, none for passages. Train one with "
        "their code (waylonli/TSPRank-KDD2025) on vectors of your embedding model, save it as "
        "core/models/trained_head.py describes, and name its folder as the source of a [models.NAME] table with kind "
        '"trained-head" and formats = ["tsprank"].',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TspRank:
    """Orders documents along the heaviest open path through a matrix of trained preferences.

    Formula: argmax over permutations p of Σ_t A[p_t, p_{t+1}], A = head(x_1 ... x_N); x_d is u(E(d)), its product with
    u(E(q)), or both, u: to length 1. Cost: N + 1 embeddings and one call of the head in two rounds. Paper:
    arXiv:2411.12064 (KDD 2025).
    """

    info: ClassVar[StrategyInfo]

    features: str = parameter(
        "both", help="What the comparator was trained on: document vectors, products with the query's, or both.",
        choices=FEATURES,
    )  # fmt: skip

    def rerank(self, candidates: CandidateList) -> Steps:
        """Vectors in one round, then the matrix."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        requests = [Embed(text=candidates.query.text, role="query")]
        requests += [Embed(text=d.content, role="document", document_id=d.id) for d in candidates.documents]
        query, *documents = yield from ask(requests, EmbedAnswer)
        items = [item_vector(query.vector, document.vector, self.features) for document in documents]
        vectors = tuple(tuple(float(value) for value in item) for item in items)
        (answer,) = yield from ask([Transform(vectors=vectors, slot="head")], TransformAnswer)
        if answer.values.shape != (len(items), len(items)):
            raise BadAnswerError(f"The head gave values of shape {answer.values.shape} for {len(items)} documents.")
        if not np.isfinite(answer.values).all():
            raise BadAnswerError("The head gave preferences that are not finite numbers.")
        order = best_path(answer.values)
        note = f"path of weight {path_weight(answer.values, order):.4g}"
        return Outcome(order=order, steps=(Step(round=2, note=note, order=order),))

    def forecast(self, n_docs: int) -> int:
        """The query, every document and the matrix."""
        return n_docs + 2 if n_docs > 1 else 0


def item_vector(query: NDArray[np.float32], document: NDArray[np.float32], features: str) -> NDArray[np.float32]:
    """What the comparator sees of one document: (dim,), or (2·dim,) for both."""
    own = unit(document)
    product = own * unit(query)
    parts = {"document": [own], "product": [product], "both": [own, product]}
    return np.concatenate(parts[features])
