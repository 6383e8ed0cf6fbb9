"""Putting rankings together, beside perm-sc (Tang et al.) and ranx (Bassani)."""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise, permutations
from math import fsum
from random import Random
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.reference.absent import absent, bare
from benchmarks.reference.opinions import Swayed, listed, shown_order
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList
from core.domain.requests import RankAnswer
from core.strategies.aggregation.borda import Borda
from core.strategies.aggregation.kemeny import Kemeny
from core.strategies.aggregation.rrf import ReciprocalRankFusion
from core.strategies.aggregation.score_fusion import ScoreFusion
from core.strategies.aggregation.self_consistency import SelfConsistency
from core.strategies.base import Outcome, Strategy
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge

PERMSC, RANX = "permsc", "ranx"
FROM_0 = 61  # perm-sc counts ranks from 0, so its 61 is the 60 of the paper
Rankings = list[list[int]]


def rows() -> Iterator[Row]:
    """All comparisons."""
    yield from _kemeny()
    yield from _borda()
    yield from _rrf()
    yield from _self_consistency()
    yield from _scales()


def permsc(name: str) -> ModuleType:
    """A module of perm-sc; its Kemeny consensus is solved by the integer programming of PuLP."""
    bare("permsc", "permsc.aggregator")
    with absent("numba", "nltk"):
        return importlib.import_module(f"permsc.{name}")


def ranx(name: str) -> ModuleType:
    """A module of ranx."""
    bare("ranx", "ranx.fusion", "ranx.normalization")
    with absent("numba", "lz4", "orjson", "ir_datasets", "seaborn", "cbor2"):
        return importlib.import_module(f"ranx.{name}")


def drawn(seed: int, most: int, *, partial: bool = False) -> tuple[CandidateList, Rankings]:
    """A list and two to six rankings of it that resemble each other; ``partial``: each leaves some documents out."""
    random = Random(seed)
    size, rankings = random.randint(2, most), []
    for _ in range(random.randint(2, 6)):
        worth = [place + random.gauss(0, size / 2) for place in range(size)]
        order = sorted(range(size), key=worth.__getitem__)
        rankings.append([place for place in order if not partial or random.random() < 0.7] or order)
    return listed(size), rankings


def outcome(strategy: Strategy, candidates: CandidateList, rankings: Sequence[Sequence[int]]) -> Outcome:
    """Ours."""
    members = [lambda _, order=order: RankAnswer(order=tuple(order)) for order in rankings]  # type: ignore[misc]
    return drive(strategy, candidates, PerfectJudge(), members=members).outcome


def matrix(rankings: Rankings, n_docs: int) -> Any:  # noqa: ANN401
    """Preferences as perm-sc takes them: items by rank, -1 where a ranking has ended."""
    return np.array([[*order, *[-1] * (n_docs - len(order))] for order in rankings])


def distance(order: Sequence[int], rankings: Sequence[Sequence[int]]) -> int:
    """Pairs in which the order and a ranking disagree, counted one by one."""
    place = {item: rank for rank, item in enumerate(order)}
    return sum(place[a] > place[b] for ranking in rankings for a, b in combinations(ranking, 2))


@cache
def _solver() -> Any:  # noqa: ANN401
    return permsc("aggregator.exact").KemenyOptimalAggregator()


def _optimum(rankings: Rankings, n_docs: int) -> list[int]:
    with contextlib.redirect_stdout(io.StringIO()):
        return [int(item) for item in _solver().aggregate(matrix(rankings, n_docs), verbose=False)]


def _kemeny() -> Iterator[Row]:
    tally, unique, same = Tally(), 0, 0
    for seed in range(120):
        candidates, rankings = drawn(seed, 7)
        every = [distance(order, rankings) for order in permutations(range(len(candidates.ids)))]
        ours = outcome(Kemeny(members=len(rankings)), candidates, rankings).order
        theirs = _optimum(rankings, len(candidates.ids))
        once = every.count(min(every)) == 1
        unique, same = unique + once, same + (once and list(ours) == theirs)
        tally.add(
            distance(ours, rankings) == distance(theirs, rankings) and (not once or list(ours) == theirs),
            ours=distance(ours, rankings) == min(every), reference=distance(theirs, rankings) == min(every),
        )  # fmt: skip
    yield tally.row(
        "kemeny", PERMSC, "KemenyOptimalAggregator, by PuLP", "2 to 6 rankings of 2 to 7 documents",
        note=f"the same number of contradicted pairs, the least of all orders; of {unique} lists with one best order "
        f"both found it in {same}",
    )  # fmt: skip
    tally = Tally()
    for seed in range(40):
        candidates, rankings = drawn(seed + 1000, 14)
        ours = outcome(Kemeny(members=len(rankings)), candidates, rankings).order
        tally.add(distance(ours, rankings) == distance(_optimum(rankings, len(candidates.ids)), rankings))
    yield tally.row(
        "kemeny",
        PERMSC,
        "KemenyOptimalAggregator, by PuLP",
        "2 to 6 rankings of 2 to 14 documents: contradictions",
    )


def _falls(scores: Sequence[float], order: Sequence[int]) -> bool:
    values = [scores[item] for item in order]
    return all(after <= before + 1e-12 for before, after in pairwise(values))


def _run(order: Sequence[int]) -> Any:  # noqa: ANN401  (their class)
    return ranx("data_structures").Run({"q": {f"d{item}": float(-rank) for rank, item in enumerate(order)}})


def _fused(module: str, rankings: Rankings, **named: Any) -> dict[str, float]:  # noqa: ANN401
    return dict(getattr(ranx(f"fusion.{module}"), module)([_run(order) for order in rankings], **named).run["q"])


def _borda() -> Iterator[Row]:
    for partial in (False, True):
        tally = Tally()
        for seed in range(200):
            candidates, rankings = drawn(seed, 20, partial=partial)
            scores = outcome(Borda(members=len(rankings)), candidates, rankings).scores or ()
            theirs = _fused("bordafuse", rankings)
            seen = {item for order in rankings for item in order}
            if len(seen) < len(candidates.ids):
                continue  # what no ranking holds is no candidate there
            tally.add(all(abs(scores[item] + len(rankings) - theirs[f"d{item}"]) < 1e-9 for item in seen))
        what = "rankings that leave documents out" if partial else "complete rankings"
        setting = f"2 to 6 {what}, 2 to 20 documents: points, theirs one more for each ranking"
        yield tally.row("borda", RANX, "bordafuse", setting)
    tally = Tally()
    for seed in range(200):
        candidates, rankings = drawn(seed, 20)
        scores = outcome(Borda(members=len(rankings)), candidates, rankings).scores or ()
        theirs = permsc("aggregator.approximate").BordaRankAggregator()
        tally.add(_falls(scores, theirs.aggregate(matrix(rankings, len(candidates.ids))).tolist()))
    yield tally.row("borda", PERMSC, "BordaRankAggregator", "complete rankings: orders, equal points in any order")


def _rrf() -> Iterator[Row]:
    for partial in (False, True):
        tally, wrong = Tally(), Tally()
        for seed in range(200):
            candidates, rankings = drawn(seed, 20, partial=partial)
            size = len(candidates.ids)
            scores = outcome(ReciprocalRankFusion(members=len(rankings)), candidates, rankings).scores or ()
            theirs = _fused("rrf", rankings)
            tally.add(all(abs(scores[item] - theirs.get(f"d{item}", 0.0)) < 1e-12 for item in range(size)))
            sums = [fsum(1 / (60 + order.index(i) + 1) for order in rankings if i in order) for i in range(size)]
            seen = [item for item in range(size) if sums[item]]
            with warnings.catch_warnings(action="ignore"):
                found = (
                    permsc("aggregator.approximate")
                    .RRFRankAggregator(FROM_0)
                    .aggregate(matrix(rankings, size))
                    .tolist()
                )
            kept = [item for item in found if item in seen]
            exact = all(abs(scores[item] - sums[item]) < 1e-12 for item in range(size))
            wrong.add(_falls(scores, kept), ours=exact, reference=_falls(sums, kept))
        what = "rankings that leave documents out" if partial else "complete rankings"
        yield tally.row("rrf", RANX, "rrf", f"2 to 6 {what}, 2 to 20 documents: every sum")
        note = "the paper sums; the reference averages over the rankings that hold a document" if partial else ""
        yield wrong.row(
            "rrf", PERMSC, "RRFRankAggregator", f"the same {what}: orders, equal sums in any order", note=note
        )


def _self_consistency() -> Iterator[Row]:
    """Every shuffle is mapped back and aggregated by the reference, from what a swayed member said of it."""
    data, modes = permsc("data"), ("kemeny", "borda", "rrf")
    tallies = {mode: Tally() for mode in modes}
    for seed in range(60):
        candidates, judge = listed(Random(seed).randint(3, 9)), Swayed(seed=seed)
        for mode in modes:
            told: list[tuple[CandidateList, tuple[int, ...]]] = []

            def member(given: CandidateList, judge: Swayed = judge, told: Any = told) -> RankAnswer:  # noqa: ANN401
                order = shown_order(judge, given.ids)
                told.append((given, order))
                return RankAnswer(order=order)

            strategy = SelfConsistency(aggregate=mode, shuffles=7, seed=seed)
            ours = drive(strategy, candidates, judge, members=[member]).outcome
            said = [pair for pair in told if pair[1] != tuple(range(len(pair[1])))]
            preferences = np.array([_mapped_back(data, candidates, given, order) for given, order in said])
            tallies[mode].add(_agree(mode, ours, preferences))
    kinds = {"kemeny": "KemenyOptimalAggregator", "borda": "BordaRankAggregator", "rrf": "RRFRankAggregator"}
    for mode in modes:
        yield tallies[mode].row(
            "self-consistency", PERMSC, f"RankingExample and {kinds[mode]}",
            f"7 shuffles of 3 to 9 documents, a member swayed by places, aggregate = {mode}",
            note="lists that came back as they were given are left out on both sides",
        )  # fmt: skip


def _mapped_back(data: ModuleType, whole: CandidateList, given: CandidateList, order: Sequence[int]) -> list[int]:
    example = data.RankingExample(hits=[data.Item(content=id) for id in whole.ids])
    example.randomize_order(perm_mask=np.array([whole.ids.index(id) for id in given.ids]))
    return [int(item) for item in example.permuted_preferences_to_original_order(np.array(order))]


def _agree(mode: str, ours: Outcome, preferences: Any) -> bool:  # noqa: ANN401
    rankings = preferences.tolist()
    if mode == "kemeny":
        return distance(ours.order, rankings) == distance(_optimum(rankings, len(rankings[0])), rankings)
    approximate = permsc("aggregator.approximate")
    kind = approximate.BordaRankAggregator() if mode == "borda" else approximate.RRFRankAggregator(FROM_0)
    return _falls(ours.scores or (), kind.aggregate(preferences).tolist())


def _scales() -> Iterator[Row]:
    """Score fusion by the scale of the list, which is what ranx has; its fitted curves have no counterpart there."""
    for calibration, module in (("z-score", "zmuv_norm"), ("min-max", "min_max_norm")):
        tally = Tally()
        for seed in range(200):
            random = Random(seed)
            candidates = listed(random.randint(2, 20))
            lists = [[random.gauss(0, 5) for _ in candidates.ids] for _ in range(random.randint(2, 5))]
            answers = [
                RankAnswer(order=tuple(sorted(range(len(s)), key=lambda i, s=s: -s[i])), scores=tuple(s))  # type: ignore[misc]
                for s in lists
            ]
            members = [lambda _, answer=answer: answer for answer in answers]  # type: ignore[misc]
            strategy = ScoreFusion(members=len(lists), calibration=calibration)
            scores = drive(strategy, candidates, PerfectJudge(), members=members).outcome.scores or ()
            runs = [ranx("data_structures").Run({"q": dict(zip(candidates.ids, s, strict=True))}) for s in lists]
            scaled = [getattr(ranx(f"normalization.{module}"), module)(run) for run in runs]
            theirs = ranx("fusion.comb_sum").comb_sum(scaled).run["q"]
            tally.add(all(abs(scores[i] - theirs[id]) < 1e-9 for i, id in enumerate(candidates.ids)))
        yield tally.row(
            "score-fusion", RANX, f"{module}, comb_sum", f"calibration = {calibration}, 2 to 5 lists of scores"
        )
