"""Setwise ranking beside llm-rankers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.reference.llm_rankers import PACKAGE, setwise
from benchmarks.reference.opinions import Fickle, ids_of, listed, perfect, pick, ranked, sizes
from benchmarks.reference.tally import Row, Tally
from core.strategies.driver import drive
from core.strategies.judges import FirstPlaceJudge, PerfectJudge, TieJudge, documents_of
from core.strategies.setwise.bubble import SetwiseBubble
from core.strategies.setwise.heap import SetwiseHeap

CODE = "SetwiseLlmRanker"
CHILDREN = (2, 3, 9, 19)


def rows() -> Iterator[Row]:
    """All comparisons."""
    yield from _heap()
    yield _first_pass()
    yield from _bubble()


def best_of(judge: PerfectJudge) -> Callable[[Sequence[str]], int]:
    """The judge's choice; the first where it has none, as the reference takes what it cannot read."""
    return lambda ids: pick(judge, ids) or 0


def _heap() -> Iterator[Row]:
    for kind, words in ((PerfectJudge, "strict opinions"), (Fickle, "opinions that contradict each other")):
        tally, same, asked = Tally(), 0, 0
        for seed, size in enumerate(sizes(300, 2, 60)):
            judge, candidates, children = kind(seed=seed), listed(size), CHILDREN[seed % len(CHILDREN)]
            driven = drive(SetwiseHeap(children=children), candidates, judge)
            theirs, windows = setwise(candidates, best_of(judge), "heapsort", 10, children)
            ours, found = ids_of(candidates, driven), [item.docid for item in theirs]
            sets = {frozenset(window) for window in windows}
            asked += 1
            same += sets == {frozenset(documents_of(request.prompt)) for request in driven.requests}  # type: ignore[union-attr]
            best = perfect(judge, candidates)[:10]
            rule = {"ours": ours[:10] == best, "reference": found[:10] == best} if kind is PerfectJudge else {}
            tally.add(ours == found, **rule)
        yield tally.row(
            "setwise-heap", PACKAGE, f"{CODE}, heapsort", f"{words}, 2 to 60 documents, c = 2, 3, 9, 19, k = 10",
            note=f"the same sets of passages were asked about in {same} of {asked} lists",
        )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 60)):
        judge, candidates, children = TieJudge(seed=seed), listed(size), CHILDREN[seed % len(CHILDREN)]
        theirs, _ = setwise(candidates, best_of(judge), "heapsort", 10, children)
        ours, found = ranked(SetwiseHeap(children=children), candidates, judge), [item.docid for item in theirs]
        kept = list(candidates.ids)
        tally.add(ours == found, ours=ours == kept, reference=found == kept)
    yield tally.row(
        "setwise-heap", PACKAGE, f"{CODE}, heapsort", "a judge without any preference",
        note="the first-stage order must come back; the reference takes the root of the heap, whatever its rank was",
    )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 60)):
        judge, candidates, children = FirstPlaceJudge(seed=seed), listed(size), CHILDREN[seed % len(CHILDREN)]
        theirs, _ = setwise(candidates, best_of(judge), "heapsort", 10, children)
        ours, found = ranked(SetwiseHeap(children=children), candidates, judge), [item.docid for item in theirs]
        tally.add(ours == found)
    yield tally.row(
        "setwise-heap", PACKAGE, f"{CODE}, heapsort", "a judge that takes whatever is shown first", aside=True,
        note="ours shows passages in first-stage order, the reference in that of the heap",
    )  # fmt: skip


def _first_pass() -> Row:
    """The passes of both begin alike, whatever the judge says; only later ones are shortened in the reference."""
    tally = Tally()
    for seed, size in enumerate(sizes(300, 2, 60)):
        judge, candidates, children = Fickle(seed=seed), listed(size), CHILDREN[seed % len(CHILDREN)]
        if size <= children + 1:
            continue
        driven = drive(SetwiseBubble(k=1, children=children), candidates, judge)
        theirs, windows = setwise(candidates, best_of(judge), "bubblesort", 1, children)
        asked = [frozenset(documents_of(request.prompt)) for request in driven.requests]  # type: ignore[union-attr]
        given = [frozenset(window) for window in windows if len(window) > 1]
        tally.add(ids_of(candidates, driven) == [item.docid for item in theirs] and asked == given)
    return tally.row(
        "setwise-bubble", PACKAGE, f"{CODE}, bubblesort",
        "one pass, opinions that contradict each other: the order and every window",
    )  # fmt: skip


def _bubble() -> Iterator[Row]:
    for size, children in ((20, 3), (100, 3), (100, 19), (0, 0)):
        tally, empty = Tally(), 0
        for seed, drawn in enumerate(sizes(200, 2, 60)):
            c = children or CHILDREN[seed % len(CHILDREN)]
            judge, candidates = PerfectJudge(seed=seed), listed(size or max(drawn, c + 2))
            theirs, windows = setwise(candidates, best_of(judge), "bubblesort", 10, c)
            empty += sum(len(window) == 0 for window in windows)
            ours, found = ranked(SetwiseBubble(children=c), candidates, judge), [item.docid for item in theirs]
            best = perfect(judge, candidates)[:10]
            tally.add(ours == found, ours=ours[:10] == best, reference=found[:10] == best)
        setting = f"N = {size}, c = {children}" if size else "lists of up to 60 documents, c = 2, 3, 9, 19"
        yield tally.row(
            "setwise-bubble", PACKAGE, f"{CODE}, bubblesort", f"a perfect judge, {setting}, k = 10",
            note="the shortcut of the reference passes over documents; it also asked about "
            f"{empty:,} windows without a passage",
        )  # fmt: skip
    tally = Tally()
    for seed, size in enumerate(sizes(200, 25, 60)):
        judge, candidates, children = Fickle(seed=seed), listed(size), CHILDREN[seed % len(CHILDREN)]
        theirs, _ = setwise(candidates, best_of(judge), "bubblesort", 10, children)
        tally.add(ranked(SetwiseBubble(children=children), candidates, judge) == [item.docid for item in theirs])
    yield tally.row(
        "setwise-bubble", PACKAGE, f"{CODE}, bubblesort", "ten passes, opinions that contradict each other", aside=True,
        note="ours lifts the winner over the others of its window, the reference exchanges it with the first",
    )  # fmt: skip
