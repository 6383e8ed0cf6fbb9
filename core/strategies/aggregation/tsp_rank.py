"""Best path: pairwise preferences of any language model, read as the order whose neighbours fit best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import LabelAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.hamiltonian import best_path, path_weight
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, parameter, strategy
from core.strategies.labels import split
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, A, comparison, silence_note, silent
from core.strategies.trivial import first_stage_order, is_trivial

_LEAST = 1e-6  # of a probability whose logarithm is taken


@strategy(
    name="pairwise-path",
    version=1,
    family="pairwise",
    title="Best path through pairwise preferences",
    paper="Li et al. 2024, arXiv:2411.12064",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), default="smollm2-135m-instruct")},
    about=About(
        summary=(
            "Every pair of documents is compared in both orders, and the two probabilities are averaged. Of all orders "
            "the one is taken in which each document is most probably better than the one right after it: a travelling "
            "salesman's path. It is the decoding of TSPRank with any language model in place of a trained comparator."
        ),
        cost="N(N-1)",
        rounds="1",
        strengths=(
            "Uses how sure the model is of each pair, not only who wins.",
            "All comparisons are independent, so they are answered together.",
        ),
        failures=(
            "Only neighbours count: a document may stand far from where most comparisons put it.",
            "Every pair is asked, so the cost grows with the square of the list.",
            "Beyond 15 documents the path is searched for and may miss the best by a few per cent.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "The path is TSPRank's decoding, exact up to 15 documents; probabilities of a language model in place of "
            "its trained comparator, averaged over both orders, and their logarithms as weights are our choice."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PairwisePath:
    """Takes the order π of greatest Σ_t w(π_t, π_t+1).

    Formula: w(i, j) = log p_ij or p_ij, with p_ij the mean over both orders of the probability that i is better. Where
    p_ij = 1 / (1 + exp(v_j - v_i)), the path of greatest Σ log p is the order of v; the one of greatest Σ p need not
    be. Cost: N(N-1) calls in one round, then a path (hamiltonian.py). Paper: Li, Ziser, Xie, Cohen and Ma 2024
    (TSPRank), arXiv:2411.12064.
    """

    info: ClassVar[StrategyInfo]

    weight: str = parameter(
        "log-probability",
        help="What is added up along the path: logarithms of probabilities, or probabilities.",
        choices=("log-probability", "probability"),
    )

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents = candidates.documents
        pairs = list(combinations(range(len(documents)), 2))
        requests = [
            request for i, j in pairs for request in comparison(candidates.query.text, documents[i], documents[j])
        ]
        answers = yield from ask(requests, LabelAnswer)
        weights = np.zeros((len(documents), len(documents)))
        for (i, j), forward, backward in zip(pairs, answers[::2], answers[1::2], strict=True):
            better = (first_chance(forward) + 1 - first_chance(backward)) / 2
            weights[i, j], weights[j, i] = self._weight(better), self._weight(1 - better)
        order = best_path(weights)
        repairs = silence_note(sum(silent(answer) for answer in answers))
        return Outcome(order=order, repairs=repairs, steps=(Step(round=1, note=_note(weights, order), order=order),))

    def forecast(self, n_docs: int) -> int:
        """Both orders of every pair."""
        return CALLS_PER_COMPARISON * (n_docs * (n_docs - 1) // 2)

    def _weight(self, chance: float) -> float:
        return math.log(max(chance, _LEAST)) if self.weight == "log-probability" else chance


def first_chance(answer: LabelAnswer) -> float:
    """Probability of A given that the answer is A or B: one half where neither came back; a label that did not come
    back beside one that did has none."""
    a, b = split(answer, len(A))
    if a is None or b is None:
        return (1 + (a is not None) - (b is not None)) / 2
    if a == b:  # also where both are impossible
        return 0.5
    return 1 / (1 + math.exp(min(b - a, 700.0)))


def _note(weights: NDArray[np.float64], order: tuple[int, ...]) -> str:
    return f"weight of the path {path_weight(weights, order):.3f}, of the first-stage order {_given(weights):.3f}"


def _given(weights: NDArray[np.float64]) -> float:
    return path_weight(weights, tuple(range(len(weights))))
