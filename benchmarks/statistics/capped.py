"""One rigger against capped boards: how many places a system gains by a voter who always votes for it.

The rigger gives twice as many votes for the worst (or the middle) system as all honest voters give in all, and either
nothing else or as many honest votes on other pairs. The board is compared with the honest one: the same log without
the rigger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.statistics.bars import Bar
from benchmarks.statistics.worlds import World, equal_counts, even_strengths, unequal_counts, vote_log
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.caps import capped_weights
from core.ratings.identifiability import NotIdentifiableError
from core.ratings.outcomes import Integers, Outcomes
from core.ratings.pairs import pair_table

NAME = "capped rigger"
_TIMES = 2


_DENSE = (
    "neighbours are 18 points apart: a rigger with no more than a fifteenth of the system's battles gains 1.5 places "
    "in the mean before any cap; c = 1.2 / V instead of 1.5 / V was tried and gains 2, below 1 / V there is no cap"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    systems: int
    width: float
    counts: Integers
    how: str
    note: str = ""


SETTINGS = (
    _Setting(systems=8, width=1.2, counts=equal_counts(14, 1_400), how="15 voters"),
    _Setting(systems=8, width=1.2, counts=unequal_counts(14, 1_400), how="15 voters, counts strongly unequal"),
    _Setting(systems=8, width=1.2, counts=equal_counts(29, 2_900), how="30 voters"),
    _Setting(systems=20, width=2.0, counts=equal_counts(14, 2_800), how="15 voters", note=_DENSE),
    _Setting(systems=20, width=2.0, counts=equal_counts(29, 5_800), how="30 voters"),
)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Places gained on the capped board; the note has the raw one."""
    rng = np.random.default_rng([seed, 32])
    for setting in SETTINGS:
        world = World(strengths=even_strengths(setting.systems, setting.width), taste=0.3, difficulty=0.2)
        for target, where in ((setting.systems - 1, "the worst"), (setting.systems // 2, "the middle")):
            for elsewhere, also in ((False, "nothing else"), (True, "honest elsewhere")):
                gains = [
                    _gained(rng, world, setting.counts, target, elsewhere=elsewhere)
                    for _ in range(max(10, 4 * percent))
                ]
                capped, raw = np.array([gain for gain in gains if gain is not None]).T
                yield _bar(f"{setting.systems} systems, {setting.how}, for {where}, {also}", capped, raw, setting.note)


def _gained(
    rng: np.random.Generator, world: World, counts: Integers, target: int, *, elsewhere: bool
) -> tuple[int, int] | None:
    """Places gained by the target: capped, raw. None where the honest log has no ratings."""
    honest = vote_log(rng, world, counts)
    rigged = _with_rigger(rng, honest, world, target, elsewhere=elsewhere)
    try:
        before = _place(honest, target)
        return before - _place(rigged.weighted(capped_weights(rigged).weights), target), before - _place(rigged, target)
    except NotIdentifiableError:
        return None


def _with_rigger(rng: np.random.Generator, honest: Outcomes, world: World, target: int, *, elsewhere: bool) -> Outcomes:
    n, k = _TIMES * len(honest), world.systems
    rivals = np.delete(np.arange(k), target)
    votes = [(np.full(n, target), rng.choice(rivals, n), np.ones(n))]
    if elsewhere:
        more = vote_log(rng, world, np.array([2 * n]))
        other = (more.left != target) & (more.right != target)
        votes.append((more.left[other], more.right[other], more.share[other]))
    left, right, share = (np.concatenate(column) for column in zip(*votes, strict=True))
    query = rng.integers(world.queries, size=len(left))
    return replace(
        honest,
        left=np.concatenate([honest.left, left]),
        right=np.concatenate([honest.right, right]),
        share=np.concatenate([honest.share, share]),
        voters=(*honest.voters, "zz-rigger"),
        voter=np.concatenate([honest.voter, np.full(len(left), len(honest.voters))]),
        query=np.concatenate([honest.query, query]),
        vote=np.arange(len(honest) + len(left)),
        weight=np.ones(len(honest) + len(left)),
        slot=np.ones(len(honest) + len(left), dtype=np.int64),
    )


def _place(outcomes: Outcomes, target: int) -> int:
    strengths = fit_bradley_terry(pair_table(outcomes)).strengths
    return int((strengths > strengths[target]).sum())


def _bar(setting: str, gains: Integers, raw: Integers, tried: str) -> Bar:
    """The median with its distribution-free limits (order statistics)."""
    ordered, n = np.sort(gains), len(gains)
    reach = 0.98 * n**0.5
    middle = float(np.median(gains))
    return Bar(
        suite=NAME,
        setting=setting,
        bar="at most 1 place in the median",
        measured=middle,
        low=float(ordered[max(0, round(n / 2 - reach) - 1)]),
        high=float(ordered[min(n - 1, round(n / 2 + reach))]),
        n=n,
        reached=middle <= 1.0,
        unit="places",
        note=f"mean {gains.mean():.2f}; without caps {np.median(raw):.0f} places"
        + (f"; {tried}" if middle > 1.0 else ""),
    )
