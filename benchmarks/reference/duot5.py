"""duoT5 beside RankLLM: the probability of every ordered pair, and what becomes of them."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any

from benchmarks.reference import rank_llm
from benchmarks.reference.models import close, texts
from benchmarks.reference.opinions import listed, ranked, sizes
from benchmarks.reference.t5 import NO_MASK, ON, tiny
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList
from core.domain.requests import LabelAnswer, LabelLogprobs
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge, documents_of, uniform
from core.strategies.pairwise.duot5 import WORDS, DuoT5, _probability, _prompt

LISTS = 20


@dataclass(frozen=True, kw_only=True)
class Even(PerfectJudge):
    """Gives probabilities that say the same in both orders of a pair."""

    def first_wins(self, first: str, second: str) -> float:
        """In (0, 1); of the exchanged pair one minus it."""
        chance = uniform(self.seed, *sorted((first, second)))
        return chance if first < second else 1 - chance

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """Log-probabilities of true and false."""
        chance = self.first_wins(*documents_of(request.prompt))
        return math.log(chance), math.log(1 - chance)


def rows() -> Iterator[Row]:
    """All comparisons."""
    ranker, pairs, batches, orders = _ranker(), Tally(), Tally(), Tally()
    for seed in range(LISTS):
        candidates = texts(seed)
        result = rank_llm.result_of(candidates)
        places = list(permutations(range(len(candidates.documents)), 2))
        prompts = [ranker.create_prompt(result, i, j)[0] for i, j in places]
        for (i, j), prompt, found in zip(places, prompts, ranker.run_llm_batched(prompts)[2], strict=True):
            first, second = candidates.documents[i], candidates.documents[j]
            request = LabelLogprobs(prompt=_prompt(candidates.query.text, first, second), labels=WORDS)
            answer = tiny()[1].answer(request)
            assert isinstance(answer, LabelAnswer)
            ours, alone = _probability(answer), ranker.run_llm(prompt)[2]
            pairs.add(close(ours, alone))
            batches.add(close(ours, found), ours=close(ours, alone), reference=close(found, alone))
        driven = drive(DuoT5(), candidates, tiny()[1])
        orders.add([candidates.ids[p] for p in driven.outcome.order] == _reranked(ranker, candidates))
    code = "DuoT5.create_prompt and run_llm"
    yield pairs.row(
        "duot5", rank_llm.PACKAGE, code, f"every ordered pair of {LISTS} lists on a random two-layer T5, one at a time"
    )
    yield batches.row("duot5", rank_llm.PACKAGE, f"{code}_batched", f"the same pairs; {ON}", note=NO_MASK)
    yield _sums()
    yield orders.row(
        "duot5", rank_llm.PACKAGE, "DuoT5.rerank_batch", "orders of these lists", aside=True,
        note="the reference asks each pair in one order only, ours in both as in the paper (SYM-SUM)",
    )  # fmt: skip


@cache
def _ranker() -> Any:  # noqa: ANN401  (their class)
    module = rank_llm.module("rerank.pairwise.duot5")
    ranker = object.__new__(module.DuoT5)
    with contextlib.redirect_stdout(io.StringIO()):
        rank_llm.module("rerank.pairwise.pairwise_rankllm").PairwiseRankLLM.__init__(
            ranker, model="tiny", context_size=512, prompt_template_path=str(module.TEMPLATES / "duot5_template.yaml")
        )
    _, _, ranker._llm, ranker._tokenizer = tiny()
    ranker._device, ranker._batch_size = "cpu", 32
    ranker._true_id, ranker._false_id = (ranker._tokenizer.convert_tokens_to_ids(t) for t in ("▁true", "▁false"))
    return ranker


def _reranked(ranker: Any, candidates: CandidateList) -> list[str]:  # noqa: ANN401
    (result,) = ranker.rerank_batch([rank_llm.result_of(candidates, "Request")])
    return [candidate.docid for candidate in result.candidates]


def _sums() -> Row:
    """Where a pair says the same in both orders, the sum over both is twice that over one."""
    tally = Tally()
    kind = type(_ranker())

    class Judged(kind):  # type: ignore[misc, valid-type]
        def __init__(self, judge: Even) -> None:
            self._judge, self._batch_size = judge, 7

        def create_prompt(self, result: Any, index1: int, index2: int) -> tuple[tuple[str, str], int]:  # noqa: ANN401
            return (result.candidates[index1].docid, result.candidates[index2].docid), 0

        def run_llm_batched(self, prompts: list[tuple[str, str]]) -> tuple[list[str], list[int], list[float]]:
            return [], [], [self._judge.first_wins(*pair) for pair in prompts]

    for seed, size in enumerate(sizes(200, 2, 15)):
        judge, candidates = Even(seed=seed), listed(size)
        tally.add(ranked(DuoT5(), candidates, judge) == _reranked(Judged(judge), candidates))
    return tally.row(
        "duot5", rank_llm.PACKAGE, "PairwiseRankLLM.rerank_batch", "2 to 15 documents, probabilities that add up to 1"
    )
