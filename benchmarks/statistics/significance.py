"""Significance over queries: false alarms of a family of eight systems, sharpness, intervals, detectable differences.

Values are like nDCG@10 (``_query_values``). Global null: eight equal systems, alike or not (six near-clones and two
others; four smooth and four binary systems). Partial null: four equal and four worse ones, four pairs of equals. A
family errs where any truly equal pair is called different. The bar: the upper 97.5 % limit at most 6 %. An error of
exactly 5 %, which max-T aims at under a global null, meets that half the time with 2,000 replications, so there are
more; over 20,000 others max-T erred in 4.8 % (alike) and 5.5 % (smooth and binary) of the families at 50 queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import stdtr

from benchmarks.statistics._query_values import USUAL, Floats, QueryWorld
from benchmarks.statistics.bars import Bar, share_bar
from core.measures.significance.bootstrap import bootstrap_intervals
from core.measures.significance.holm import holm
from core.measures.significance.power import detectable_difference
from core.measures.significance.randomisation import randomisation_test
from core.measures.significance.t_test import paired_t
from core.measures.significance.values import PairedValues, paired_values

NAME = "significance"
SIZES = (50, 225)
LEVEL = 0.05
WHERE_CLOSE = {50: 160, 225: 80}  # replications per percent where the error is 5 % by design
EQUAL = QueryWorld(shift=np.full(8, USUAL))
CLONES = replace(EQUAL, common=0.3, cloned=0.65, clones=6)
BINARY = QueryWorld(shift=np.zeros(8), binary=4)
HALF = EQUAL.shifted(-0.15 * np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]))
PAIRS = EQUAL.shifted(-0.15 * np.repeat(np.arange(4.0), 2))
WORLDS = (
    ("global null, eight systems alike", EQUAL),
    ("global null, six near-clones and two unlike", CLONES),
    ("global null, four smooth and four binary systems", BINARY),
    ("partial null, four equal and four worse", HALF),
    ("partial null, four pairs of equals", PAIRS),
)
FAMILY = ("Holm over randomisation", "Holm over t", "randomised Tukey (max-T)")
_RANGE = "range of means, systems permuted within queries (Carterette 2012)"


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """All rows."""
    for number, n in enumerate(SIZES):
        rng = np.random.default_rng([seed, 50, number])
        for how, world in WORLDS:
            times = WHERE_CLOSE[n] if world.null.all() else 20
            yield from _false_alarms(rng, f"{how}, {n} queries", world, n, max(20, times * percent))
        yield _of_the_range(rng, n, max(20, 10 * percent))
        for how, world in WORLDS[3:]:
            yield from _sharpness(rng, f"{how}, {n} queries", world, n, max(20, 3 * percent))
        yield from _coverage(rng, n, max(20, 10 * percent))
        yield from _detectable(rng, n, max(50, 40 * percent))


def _p_values(paired: PairedValues, rng: np.random.Generator, draws: int) -> dict[str, Floats]:
    """(pairs,) of every method, as the application computes them but for t, which scipy computes at once."""
    randomised = randomisation_test(paired, draws, int(rng.integers(1 << 32)))
    differences = paired.differences
    errors = differences.std(axis=1, ddof=1) / np.sqrt(paired.n)
    p_t = 2.0 * stdtr(paired.n - 1.0, -np.abs(differences.mean(axis=1)) / errors)
    family = (holm(randomised.alone), holm(p_t), randomised.family)
    return {"randomisation": randomised.alone, "t": p_t, **dict(zip(FAMILY, family, strict=True))}


def _false_alarms(rng: np.random.Generator, setting: str, world: QueryWorld, n: int, times: int) -> Iterator[Bar]:
    null = world.null
    found: dict[str, list[Floats]] = {}
    for _ in range(times):
        for method, p in _p_values(paired_values(world.draw(rng, n)), rng, 999).items():
            found.setdefault(method, []).append(p[null] <= LEVEL)
    for method, calls in found.items():
        wrong = np.array(calls)
        if method in FAMILY:
            row = share_bar(NAME, f"{setting}, {method}", "upper limit at most 6 %", wrong.any(axis=1).sum(), times)
            yield replace(row, reached=row.high <= 0.06, note=f"of pairs {100.0 * wrong.mean():.2f} %")
        else:
            yield share_bar(
                NAME, f"{setting}, each pair alone by {method}", "5 +- 1 % of pairs", wrong.sum(), wrong.size,
                at_least=0.04, at_most=0.06, clusters=times, note=f"of families {100 * wrong.any(axis=1).mean():.0f} %",
            )  # fmt: skip


def _of_the_range(rng: np.random.Generator, n: int, times: int) -> Bar:
    """Why max-T takes t and flips whole queries: the range of means where pairs vary unlike."""
    wrong = 0
    for _ in range(times):
        values = CLONES.draw(rng, n).T
        drawn = np.array([np.ptp(rng.permuted(values, axis=1).mean(axis=0)) for _ in range(499)])
        wrong += int((drawn >= np.ptp(values.mean(axis=0))).sum() + 1 <= LEVEL * 500)
    row = share_bar(NAME, f"{WORLDS[1][0]}, {n} queries, {_RANGE}", "for contrast", wrong, times)
    return replace(row, reached=None)


def _sharpness(rng: np.random.Generator, setting: str, world: QueryWorld, n: int, times: int) -> Iterator[Bar]:
    """Truly different pairs that are found, with the draws that the application makes."""
    found = dict.fromkeys(FAMILY, 0)
    for _ in range(times):
        for method, p in _p_values(paired_values(world.draw(rng, n)), rng, 9_999).items():
            if method in found:
                found[method] += int((p[~world.null] <= LEVEL).sum())
    total = times * int((~world.null).sum())
    for method in FAMILY:
        row = share_bar(NAME, f"{setting}, differences found, {method}", "told", found[method], total, clusters=times)
        sharper = method == FAMILY[2]
        reached = found[method] >= max(found.values()) if sharper else None
        yield replace(row, bar="at least Holm's" if sharper else "told", reached=reached)


def _coverage(rng: np.random.Generator, n: int, times: int) -> Iterator[Bar]:
    means = HALF.means
    first, second = np.triu_indices(len(means), k=1)
    true = means[first] - means[second]
    held = {"t": 0, "percentile bootstrap": 0}
    width = dict.fromkeys(held, 0.0)
    for _ in range(times):
        paired = paired_values(HALF.draw(rng, n))
        tests = [paired_t(row) for row in paired.differences]
        drawn = bootstrap_intervals(paired, 1_999, int(rng.integers(1 << 32)))
        ends = {
            "t": (np.array([test.low for test in tests]), np.array([test.high for test in tests])),
            "percentile bootstrap": (drawn.low, drawn.high),
        }
        for method, (low, high) in ends.items():
            held[method] += int(((low <= true) & (true <= high)).sum())
            width[method] += float((high - low).mean()) / times
    for method, hits in held.items():
        yield share_bar(
            NAME, f"{n} queries, interval of a difference, {method}", "93 to 97 %", hits, times * len(true),
            at_least=0.93, at_most=0.97, clusters=times, note=f"mean width {width[method]:.3f}",
        )  # fmt: skip


def _detectable(rng: np.random.Generator, n: int, times: int) -> Iterator[Bar]:
    """A true difference of exactly what is called detectable: how often it is found."""
    world, difference = _with_detectable_difference(n)
    found = {"t": 0, "randomisation": 0}
    for _ in range(times):
        paired = paired_values(world.draw(rng, n))
        found["t"] += int(paired_t(paired.differences[0]).p <= LEVEL)
        alone = randomisation_test(paired, 1_999, int(rng.integers(1 << 32))).alone[0]
        found["randomisation"] += int(alone <= LEVEL)
    for method, hits in found.items():
        yield share_bar(
            NAME, f"{n} queries, true difference as large as detectable, found by {method}", "80 +- 3 %", hits, times,
            at_least=0.77, at_most=0.83, note=f"difference {difference:.3f}",
        )  # fmt: skip


def _with_detectable_difference(n: int) -> tuple[QueryWorld, float]:
    """Two systems whose true difference is the detectable one by the true deviation of their differences."""
    low, high = 0.0, 3.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        world = QueryWorld(shift=np.array([USUAL, USUAL - middle]))
        difference = float(-np.diff(world.means)[0])
        deviation = float(np.diff(world.draw(np.random.default_rng(0), 200_000), axis=0).std())
        low, high = (middle, high) if difference < detectable_difference(deviation, n) else (low, middle)
    return world, difference
