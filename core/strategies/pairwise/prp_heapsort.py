"""PRP heapsort: the best k documents by heapsort over pairwise comparisons."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, Referee, silence_note
from core.strategies.pairwise.heap import heap_top
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-heapsort",
    version=1,
    family="pairwise",
    title="PRP heapsort",
    paper="Qin et al. 2023, arXiv:2306.17563",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), default="smollm2-135m-instruct")},
    exact_forecast=False,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpHeapsort:
    """Finds the best k with a binary heap; the rest follows in first-stage order.

    Formula: i before j if i wins both orders, or if they contradict and i came first. Cost: two calls per
    comparison, at most 2N + 2k·log2 N comparisons one after another, each pair asked once (about 530 calls
    for N = 100, k = 10). Paper: arXiv:2306.17563; ties broken inside the comparator, because a heap is not
    stable.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One comparison, two calls, per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        referee = Referee(candidates=candidates)
        positions = range(len(candidates.documents))
        best = yield from heap_top(positions, self.k, referee.before)
        chosen = frozenset(best)
        order = (*best, *(position for position in positions if position not in chosen))
        return Outcome(order=order, repairs=silence_note(referee.silent))

    def forecast(self, n_docs: int) -> int:
        """The calls of one run on a shuffled list with a consistent judge, as an estimate."""
        return CALLS_PER_COMPARISON * _comparisons(n_docs, self.k)


@lru_cache(maxsize=256)
def _comparisons(n_docs: int, k: int) -> int:
    """Different pairs compared on one shuffle, always the same one for the same size."""
    ranks = random.Random(n_docs).sample(range(n_docs), n_docs)
    asked: set[frozenset[int]] = set()

    def before(left: int, right: int) -> Generator[None, None, bool]:
        yield from ()
        asked.add(frozenset((left, right)))
        return ranks[left] < ranks[right]

    for _ in heap_top(range(n_docs), k, before):
        pass
    return len(asked)
