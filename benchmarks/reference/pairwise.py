"""Pairwise ranking prompting beside llm-rankers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.reference.llm_rankers import PACKAGE, Verdicts, all_pairs, both_orders, pairwise
from benchmarks.reference.opinions import Fickle, Graded, Swayed, ids_of, listed, perfect, ranked, sizes
from benchmarks.reference.tally import Row, Tally
from core.strategies.driver import drive
from core.strategies.judges import FirstPlaceJudge, IntransitiveJudge, PerfectJudge, TieJudge
from core.strategies.pairwise.prp_all_pair import PrpAllPair
from core.strategies.pairwise.prp_bubble import PrpBubble
from core.strategies.pairwise.prp_heapsort import PrpHeapsort
from core.strategies.pairwise.prp_sliding import PrpSliding

CODE = "PairwiseLlmRanker"
KINDS = (PerfectJudge, Fickle, Swayed, Graded, IntransitiveJudge)


def rows() -> Iterator[Row]:
    """All comparisons."""
    yield _all_pair()
    yield from _heapsort()
    yield from _bubble()


def settled(judge: PerfectJudge) -> Verdicts:
    """The judge's verdicts, where a contradiction counts for the document that the first stage had earlier."""
    asked = both_orders(judge)

    def verdicts(first: str, second: str) -> tuple[int | None, int | None]:
        forward, backward = asked(first, second)
        if forward is not None and backward is not None and forward != backward:
            return forward, backward
        return (0, 1) if int(first[1:]) < int(second[1:]) else (1, 0)

    return verdicts


def _all_pair() -> Row:
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 12)):
        judge, candidates = KINDS[seed % len(KINDS)](seed=seed), listed(size)
        driven = drive(PrpAllPair(), candidates, judge)
        ours = dict(zip(candidates.ids, driven.outcome.scores or (), strict=True))
        theirs = all_pairs(candidates, both_orders(judge))
        falls = [ours[item.docid] for item in theirs]
        tally.add(ours == {item.docid: item.score for item in theirs} and falls == sorted(falls, reverse=True))
    return tally.row(
        "prp-all-pair", PACKAGE, f"{CODE}, allpair", "2 to 12 documents, five judges, three that contradict themselves",
        note="every sum of wins is the same; of equal sums the reference takes whichever it met first",
    )  # fmt: skip


def _heapsort() -> Iterator[Row]:
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 30)):
        judge, candidates = PerfectJudge(seed=seed), listed(size)
        theirs, _ = pairwise(candidates, both_orders(judge), "heapsort", 10)
        best = perfect(judge, candidates)[:10]
        ours, found = ranked(PrpHeapsort(), candidates, judge), [item.docid for item in theirs]
        tally.add(ours == found, ours=ours[:10] == best, reference=found[:10] == best)
    yield tally.row("prp-heapsort", PACKAGE, f"{CODE}, heapsort", "strict opinions, 2 to 30 documents, k = 10")
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 30)):
        judge, candidates = Graded(seed=seed), listed(size)
        theirs, _ = pairwise(candidates, settled(judge), "heapsort", 10)
        tally.add(ranked(PrpHeapsort(), candidates, judge) == [item.docid for item in theirs])
    yield tally.row(
        "prp-heapsort", PACKAGE, f"{CODE}, heapsort",
        "four grades of worth, contradictions told to the reference as wins of the earlier document",
    )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 30)):
        judge = (FirstPlaceJudge if seed % 2 else TieJudge)(seed=seed)
        tally = _kept(tally, PrpHeapsort(), "heapsort", judge, size)
    yield tally.row(
        "prp-heapsort", PACKAGE, f"{CODE}, heapsort", "a judge that contradicts itself on every pair",
        note="the first-stage order must come back; a heap is not stable, and the reference breaks no ties",
    )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 30)):
        judge, candidates = Fickle(seed=seed), listed(size)
        theirs, _ = pairwise(candidates, both_orders(judge), "heapsort", 10)
        tally.add(ranked(PrpHeapsort(), candidates, judge) == [item.docid for item in theirs])
    yield tally.row(
        "prp-heapsort", PACKAGE, f"{CODE}, heapsort", "opinions that go in circles", aside=True,
        note="the two sift-downs compare other pairs (ours the children first), which only matters without an order",
    )  # fmt: skip


def _kept(tally: Tally, strategy: PrpHeapsort | PrpSliding, method: str, judge: PerfectJudge, size: int) -> Tally:
    candidates = listed(size)
    theirs, _ = pairwise(candidates, both_orders(judge), method, 10)
    ours, found, kept = ranked(strategy, candidates, judge), [item.docid for item in theirs], list(candidates.ids)
    tally.add(ours == found, ours=ours == kept, reference=found == kept)
    return tally


def _bubble() -> Iterator[Row]:
    for name, k, most in (("prp-sliding-k", 10, 30), ("prp-bubble", 1000, 20)):
        tally, ours_asked, theirs_asked = Tally(), 0, 0
        for seed, size in enumerate(sizes(200, 2, most)):
            judge, candidates = (PerfectJudge, Graded, Fickle, Swayed)[seed % 4](seed=seed), listed(size)
            strategy = PrpSliding(k=k) if name == "prp-sliding-k" else PrpBubble()
            driven = drive(strategy, candidates, judge)
            theirs, asked = pairwise(candidates, both_orders(judge), "bubblesort", k)
            ours_asked, theirs_asked = ours_asked + driven.calls // 2, theirs_asked + asked
            tally.add(ids_of(candidates, driven) == [item.docid for item in theirs])
        yield tally.row(
            name, PACKAGE, f"{CODE}, bubblesort", f"2 to {most} documents, k = {k if k < 1000 else 'all'}, "
            "four judges, three that contradict themselves",
            note=f"{ours_asked:,} comparisons of ours, each pair once, {theirs_asked:,} of the reference",
        )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 30)):
        tally = _kept(tally, PrpSliding(), "bubblesort", FirstPlaceJudge(seed=seed), size)
    yield tally.row("prp-sliding-k", PACKAGE, f"{CODE}, bubblesort", "a judge that contradicts itself on every pair")
