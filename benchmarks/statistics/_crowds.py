"""Simulated crowds for the detectors: honest voters, and those who are not.

Honest: strengths with a taste of their own, a lean to one side, ties, verdicts thrown with a coin now and then (each
voter's own share), a reading time of their own. A repeated battle gets the first verdict again with probability
``Crowd.again`` and a fresh look otherwise; a gold battle is right in 95 of 100, equal lists are called a tie in 75 of
100; all of that spoilt by the voter's own lapses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from benchmarks.statistics.worlds import World, tastes_of, verdicts, vote_log
from core.ratings.detectors.evidence import ControlRecord, Evidence, gold, same_system, swapped
from core.ratings.outcomes import Floats, Integers, Outcomes

GOLD_RIGHT, SAME_TIED = 0.95, 0.75
RATES = (0.10, 0.05, 0.0)  # of the votes: swapped repeats, gold battles, the same system twice
_READING = 12.0  # seconds, median of medians
_READING_SD = (0.4, 0.6)  # between and within voters, natural logarithms


class Role(StrEnum):
    """What a simulated voter does."""

    HONEST = "honest"
    INDEPENDENT = "taste independent of the crowd's"
    OPPOSED = "taste opposed to the crowd's"
    LEFT = "always left"
    MOSTLY_LEFT = "85 % left"
    TIES = "always tie"
    FAST = "too fast"
    RANDOM = "random"
    PROMOTE = "always for one system"


HONEST_ROLES = (Role.HONEST, Role.INDEPENDENT, Role.OPPOSED, Role.FAST, Role.PROMOTE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """``roles``: of the voters. ``counts``: (V,) votes with the controls among them. ``target``: position of the system
    that PROMOTE votes for (0 the best). ``rates``: of the controls, as RATES. ``again``: see the module. ``side_sd``:
    of the lean, log odds. ``lapses``: mean share of verdicts thrown with a coin (each voter's is beta with sd 0.035 at
    a mean of 0.05)."""

    world: World
    roles: tuple[Role, ...]
    counts: Integers
    target: int = -1
    rates: tuple[float, float, float] = RATES
    again: float = 0.75
    side_sd: float = 0.2
    lapses: float = 0.05


def evidence_of(rng: np.random.Generator, crowd: Crowd) -> Evidence:
    """One log of the crowd, its reading times and controls."""
    voters = len(crowd.roles)
    lapses = rng.beta(crowd.lapses * 38.0, (1.0 - crowd.lapses) * 38.0, size=voters)
    sides = crowd.side_sd * rng.normal(size=voters)
    numbers = [np.rint(rate * crowd.counts).astype(np.int64) for rate in crowd.rates]
    tastes = _tastes(rng, crowd)
    log = vote_log(rng, crowd.world, crowd.counts - sum(numbers), tastes=tastes, sides=sides)
    ends = np.cumsum(np.bincount(log.voter, minlength=voters))
    rows = np.split(np.argsort(log.voter, kind="stable"), ends[:-1])
    log = replace(log, share=_played(rng, crowd, log, _thrown(rng, log.share, lapses[log.voter]), rows))
    records: list[ControlRecord] = []
    for voter, role in enumerate(crowd.roles):
        again = rng.permutation(rows[voter])[: numbers[0][voter]]
        seen = crowd.world.strengths + tastes[voter]
        records += _repeats(rng, crowd, log, again, role, seen, sides[voter], lapses[voter])
        records += _others(rng, log.voters[voter], role, int(numbers[1][voter]), int(numbers[2][voter]), lapses[voter])
    return Evidence(outcomes=log, seconds=_seconds(rng, crowd, log), controls=tuple(records))


def roles_of(honest: int, *others: tuple[Role, int]) -> tuple[Role, ...]:
    """So many honest voters, then so many of each other role."""
    return (*(Role.HONEST for _ in range(honest)), *(role for role, count in others for _ in range(count)))


def _tastes(rng: np.random.Generator, crowd: Crowd) -> Floats:
    world = crowd.world
    tastes = tastes_of(rng, world, len(crowd.roles))
    for voter, role in enumerate(crowd.roles):
        if role is Role.OPPOSED:
            tastes[voter] -= 2.0 * world.strengths
        elif role is Role.INDEPENDENT:
            tastes[voter] += rng.permutation(world.strengths) - world.strengths
    return tastes


def _thrown(rng: np.random.Generator, share: Floats, lapse: Floats | float) -> Floats:
    thrown = rng.random(len(share)) < lapse
    return np.where(thrown, rng.integers(2, size=len(share)).astype(np.float64), share)


def _played(
    rng: np.random.Generator, crowd: Crowd, log: Outcomes, share: Floats, rows_of: Sequence[Integers]
) -> Floats:
    """Verdicts of those who are not honest in place of honest ones; ``rows_of`` each voter."""
    played = share.copy()
    for role, rows in zip(crowd.roles, rows_of, strict=True):
        if role is Role.PROMOTE:
            for_it, against_it = log.left[rows] == crowd.target, log.right[rows] == crowd.target
            played[rows] = np.where(for_it, 1.0, np.where(against_it, 0.0, share[rows]))
        elif role not in HONEST_ROLES:
            played[rows] = _cheated(rng, role, len(rows))
    return played


def _cheated(rng: np.random.Generator, role: Role, size: int) -> Floats:
    if role is Role.TIES:
        return np.full(size, 0.5)
    left = {Role.LEFT: 1.0, Role.MOSTLY_LEFT: 0.85, Role.RANDOM: 0.45}[role]
    ties = 0.1 if role is Role.RANDOM else 0.0
    drawn = rng.random(size)
    return np.where(drawn < left, 1.0, np.where(drawn < left + ties, 0.5, 0.0))


def _repeats(
    rng: np.random.Generator,
    crowd: Crowd,
    log: Outcomes,
    rows: Integers,
    role: Role,
    seen: Floats,
    side: float,
    lapse: float,
) -> list[ControlRecord]:
    name = log.voters[log.voter[rows[0]]] if len(rows) else ""
    first = log.share[rows]
    if role in HONEST_ROLES:
        fresh = verdicts(rng, seen[log.right[rows]] - seen[log.left[rows]] + side, crowd.world.nu)
        shares = _thrown(rng, np.where(rng.random(len(rows)) < crowd.again, 1.0 - first, fresh), lapse)
    else:
        shares = _cheated(rng, role, len(rows))
    return [swapped(name, float(a), first=float(b)) for a, b in zip(shares, first, strict=True)]


def _others(
    rng: np.random.Generator, name: str, role: Role, golds: int, sames: int, lapse: float
) -> list[ControlRecord]:
    best_left = rng.random(golds) < 0.5
    if role in HONEST_ROLES:
        right = rng.random(golds) < GOLD_RIGHT
        answers = _thrown(rng, np.where(right, best_left, 1.0 - best_left).astype(np.float64), lapse)
        coin = rng.integers(2, size=sames).astype(np.float64)
        level = _thrown(rng, np.where(rng.random(sames) < SAME_TIED, 0.5, coin), lapse)
    else:
        answers, level = _cheated(rng, role, golds), _cheated(rng, role, sames)
    found = [gold(name, float(a), best_left=bool(b)) for a, b in zip(answers, best_left, strict=True)]
    return found + [same_system(name, float(a)) for a in level]


def _seconds(rng: np.random.Generator, crowd: Crowd, log: Outcomes) -> Floats:
    between, within = _READING_SD
    usual = np.log(_READING) + between * rng.normal(size=len(crowd.roles))
    seconds = np.exp(usual[log.voter] + within * rng.normal(size=len(log)))
    fast = np.array([role is Role.FAST for role in crowd.roles])[log.voter]
    return np.where(fast, rng.uniform(1.0, 2.5, size=len(log)), seconds)
