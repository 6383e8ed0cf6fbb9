"""Sliding windows and the reading of written orders, beside RankLLM and llm-rankers."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.reference import llm_rankers, rank_llm
from benchmarks.reference.opinions import Swayed, listed, perfect, ranked, shown_order, sizes
from benchmarks.reference.tally import Row, Tally
from core.domain.requests import Generate, GenerateFused
from core.strategies.judges import PerfectJudge, asked_documents, uniform
from core.strategies.listwise.rank_vicuna import RankVicuna
from core.strategies.listwise.rank_zephyr import RankZephyr
from core.strategies.listwise.rankgpt import RankGpt
from core.strategies.permutation import parse_permutation

SHAPES = ((20, 10), (10, 5), (4, 2), (20, 20), (8, 3))
STRATEGIES = {"rankgpt": RankGpt, "rank-zephyr": RankZephyr, "rank-vicuna": RankVicuna}
LOOP = "ListwiseRankLLM.sliding_windows and receive_permutation"


@dataclass(frozen=True, kw_only=True)
class Writes(PerfectJudge):
    """Writes what ``write`` makes of the documents shown."""

    write: Callable[[Sequence[str]], str]

    def text(self, request: Generate | GenerateFused) -> str:
        """Of this window."""
        return self.write(asked_documents(request))


def rows() -> Iterator[Row]:
    """All comparisons."""
    for name in STRATEGIES:
        yield _windows(name, "complete orders of a judge that is swayed by places", _orderly)
        yield _windows(name, "orders with missing, repeated and foreign numbers", _careless)
    yield from _guards()
    yield from _parsing()


def _orderly(seed: int) -> rank_llm.Writer:
    judge = Swayed(seed=seed)
    return lambda ids: " > ".join(f"[{place + 1}]" for place in shown_order(judge, ids))


def _careless(seed: int) -> rank_llm.Writer:
    def write(ids: Sequence[str]) -> str:
        random = Random(repr((seed, *ids)))
        said = [place + 1 for place in shown_order(Swayed(seed=seed), ids)]
        kept = [number for number in said if random.random() < 0.8]
        kept += random.choices([0, len(ids) + 1, 77, *said], k=random.randint(0, 4))
        between = random.choice([" > ", ">", ", ", " "])
        before = random.choice(["", "<think>first [2], then [1]</think>", "The order is: "])
        return before + between.join(f"[{number}]" for number in kept)

    return write


def _windows(name: str, setting: str, writer: Callable[[int], rank_llm.Writer]) -> Row:
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 110)):
        (window, step), candidates = SHAPES[seed % len(SHAPES)], listed(size)
        judge = Writes(write=writer(seed))
        ours = ranked(STRATEGIES[name](window=window, step=step), candidates, judge)
        tally.add(ours == rank_llm.reranked(rank_llm.ranker(window, step, judge.write), candidates))
    return tally.row(name, rank_llm.PACKAGE, LOOP, f"{setting}; 2 to 110 documents, five window shapes")


def _guards() -> Iterator[Row]:
    """Which lists the loops of the reference code do not, or not wholly, rerank: each size from 2 to 60 once."""
    settings: tuple[tuple[str, str, Callable[[PerfectJudge, int], list[str]], str], ...] = (
        (rank_llm.PACKAGE, "ListwiseRankLLM.sliding_windows", _loop(None), "told the size of the list"),
        (rank_llm.PACKAGE, "ListwiseRankLLM.sliding_windows", _loop(100), "top_k_retrieve = 100 as by default"),
        (llm_rankers.PACKAGE, "OpenAiListwiseLlmRanker.rerank", _llm_rankers, ""),
    )
    for package, code, run, how in settings:
        tally, untouched = Tally(), 0
        for size in range(2, 61):
            judge, candidates = PerfectJudge(seed=size), listed(size)
            best = perfect(judge, candidates)[:10]
            ours = ranked(RankGpt(), candidates, judge)
            found = run(judge, size)
            untouched += found == list(candidates.ids) != ours
            tally.add(ours == found, ours=ours[:10] == best, reference=found[:10] == best)
        yield tally.row(
            "rankgpt", package, code, f"a perfect judge, N = 2 to 60, w = 20, s = 10{', ' + how if how else ''}",
            note=f"the best w - s must come out first; {untouched} of the lists were not reranked at all",
        )  # fmt: skip


def _loop(top_k: int | None) -> Callable[[PerfectJudge, int], list[str]]:
    def run(judge: PerfectJudge, size: int) -> list[str]:
        write = _said(judge)
        return rank_llm.reranked(rank_llm.ranker(20, 10, write), listed(size), top_k)

    return run


def _said(judge: PerfectJudge) -> rank_llm.Writer:
    return lambda ids: " > ".join(f"[{place + 1}]" for place in shown_order(judge, ids))


def _llm_rankers(judge: PerfectJudge, size: int) -> list[str]:
    module, write = llm_rankers.module("listwise"), _said(judge)
    ranker = object.__new__(module.OpenAiListwiseLlmRanker)
    ranker.window_size, ranker.step_size, ranker.num_repeat = 20, 10, 1
    ranker.compare = lambda _, docs: write([doc.docid for doc in docs])
    return [doc.docid for doc in ranker.rerank("query", llm_rankers.results(listed(size)))]


def _parsing() -> Iterator[Row]:
    tally = Tally()
    for seed, size in enumerate(sizes(500, 1, 20)):
        text = _careless(seed)([f"d{place}" for place in range(size)])
        tally.add(list(parse_permutation(text, size).order) == rank_llm.received(text, size))
    yield tally.row(
        "rankgpt", rank_llm.PACKAGE, "ListwiseRankLLM.receive_permutation",
        "orders with missing, repeated and foreign numbers",
    )  # fmt: skip
    kinds: tuple[tuple[str, Callable[[Sequence[int]], str]], ...] = (
        ("a numbered list, `1. [3]`", lambda order: "\n".join(f"{i}. [{n}]" for i, n in enumerate(order, start=1))),
        ("a sentence with a bare number before the order", lambda order: f"Passage [{order[0]}], of {order[-1]} May, "
         "is the best: " + " > ".join(f"[{n}]" for n in order)),
        ("an order with a footnote mark, `[3]²`", lambda order: " > ".join(f"[{n}]²" for n in order)),
    )  # fmt: skip
    for words, write in kinds:
        for package, code, read in (
            (rank_llm.PACKAGE, "ListwiseRankLLM.receive_permutation", rank_llm.received),
            (llm_rankers.PACKAGE, "receive_permutation", _their_reading),
        ):
            tally, raised = Tally(), 0
            for seed, size in enumerate(sizes(100, 3, 20)):
                order = sorted(range(1, size + 1), key=lambda n, seed=seed: uniform(seed, str(n)))  # type: ignore[misc]
                text, right = write(order), [n - 1 for n in order]
                found: list[int] | None = None
                with contextlib.suppress(ValueError):
                    found = read(text, size)
                raised += found is None
                ours = list(parse_permutation(text, size).order)
                tally.add(ours == found, ours=ours == right, reference=found == right)
            note = f"the brackets hold the order; {raised} of the texts raised an error" if raised else ""
            yield tally.row("rankgpt", package, code, words, note=note or "the brackets hold the order")


def _their_reading(text: str, n_docs: int) -> list[int]:
    receive = llm_rankers.module("listwise").receive_permutation
    with contextlib.redirect_stdout(io.StringIO()):
        return list(receive(list(range(n_docs)), text, 0, n_docs))
