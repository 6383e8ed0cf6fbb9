"""Whom the detectors flag: honest voters seldom, cheats mostly, and people of another taste as disagreement only.

Crowds as in _crowds.py, about 200 honest voters of 20 to 200 votes each beside those who are looked at.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from benchmarks.statistics._crowds import RATES, Crowd, Role, evidence_of, roles_of
from benchmarks.statistics.bars import Bar, share_bar
from benchmarks.statistics.worlds import LLMFAO, World, even_strengths
from core.ratings.detectors.evidence import Evidence, unmeasured
from core.ratings.detectors.flags import Family, FlagKind, Inspection
from core.ratings.detectors.inspection import inspect
from core.ratings.outcomes import build

SUITE = "detectors"
HONEST = 200
NO_CONTROLS = (0.0, 0.0, 0.0)
MET = 25  # battles of the target
WORLDS = {
    "8 systems, 350 points from first to last": World(
        strengths=even_strengths(8, 2.0), taste=0.4, difficulty=0.3, nu=0.5
    ),
    "20 systems, 210 points": World(strengths=even_strengths(20, 1.2), taste=0.3, difficulty=0.3, nu=0.5),
    "20 systems, 700 points": World(strengths=even_strengths(20, 4.0), taste=0.5, difficulty=0.3, nu=0.5),
}
EIGHT = next(iter(WORLDS))
CHEATS = ((Role.LEFT, 5), (Role.MOSTLY_LEFT, 5), (Role.TIES, 5), (Role.FAST, 5), (Role.RANDOM, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A voter whom the detectors looked at. ``met``: decided battles of the target."""

    role: Role
    votes: int
    families: frozenset[Family]
    kinds: frozenset[FlagKind]
    met: int


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Every bar of the detectors."""
    rng = np.random.default_rng([seed, 41])
    yield from _honest(rng, percent)
    yield from _behaviour(rng, percent)
    yield from _random(rng, percent)
    yield from _targeted(rng, percent)
    yield from _taste(rng, percent)
    yield from _real()


def _honest(rng: np.random.Generator, percent: int) -> Iterator[Bar]:
    """Honest voters flagged: alone, among cheats, and few of them."""
    for name, world in WORLDS.items():
        for cheats, words in (((), ""), (CHEATS, ", 30 cheats among 230 voters")):
            seen = _seen(rng, _scaled(40, percent), world, roles_of(HONEST, *cheats), rates=(*RATES[:2], 0.02))
            yield _few_flagged(f"honest, {name}{words}", [one for one in seen if one.role is Role.HONEST])
    uneasy = replace(WORLDS[EIGHT], taste=0.8)
    seen = _seen(rng, _scaled(40, percent), uneasy, roles_of(HONEST), side_sd=0.4, lapses=0.1)
    yield _few_flagged(f"honest, {EIGHT}, taste, leaning and lapses doubled", seen)
    for voters in (1, 3, 5, 10):
        seen = _seen(rng, _scaled(4000 // voters, percent), WORLDS[EIGHT], roles_of(voters))
        yield _few_flagged(f"honest, {voters} in all, {EIGHT}", seen)


def _few_flagged(setting: str, seen: Sequence[Seen]) -> Bar:
    bar = _caught(f"{setting}: flagged", "at most 1 %, upper limit 1.5 %", seen, at_most=0.01)
    return replace(bar, reached=bar.reached and bar.high <= 0.015)


def _behaviour(rng: np.random.Generator, percent: int) -> Iterator[Bar]:
    looked_at = (Role.LEFT, Role.MOSTLY_LEFT, Role.TIES, Role.FAST)
    roles = roles_of(HONEST, *((role, 10) for role in looked_at))
    for name in list(WORLDS)[:2]:
        seen = _seen(rng, _scaled(100, percent), WORLDS[name], roles, votes=100, rates=NO_CONTROLS)
        for role in looked_at:
            own = [one for one in seen if one.role is role]
            words = f"{role}, 100 votes, {name}: flagged by behaviour"
            yield _caught(words, "at least 95 %", own, Family.BEHAVIOUR, at_least=0.95)


def _random(rng: np.random.Generator, percent: int) -> Iterator[Bar]:
    roles = roles_of(HONEST, (Role.RANDOM, 10))
    for name, world in list(WORLDS.items())[:2]:
        for votes, least in ((100, 0.75), (200, 0.90)):
            seen = _seen(rng, _scaled(100, percent), world, roles, votes=votes)
            own = [one for one in seen if one.role is Role.RANDOM]
            words = f"random, {votes} votes, 10 % swapped repeats and 5 % gold among them, {name}"
            yield _caught(words, f"at least {100 * least:.0f} %", own, at_least=least)
            words = f"random, {votes} votes, {name}: flagged by controls"
            yield _caught(words, "told", own, Family.CONTROLS)
    seen = _seen(rng, _scaled(50, percent), WORLDS[EIGHT], roles, votes=100, again=0.4)
    own = [one for one in seen if one.role is Role.RANDOM]
    yield _caught(f"random, 100 votes, {EIGHT}, honest voters repeat themselves less (about 60 %)", "told", own)


def _targeted(rng: np.random.Generator, percent: int) -> Iterator[Bar]:
    """Votes always for one system, otherwise honestly: by the number of systems, their range and the target's place."""
    for systems, width in product((4, 8, 20), (2.0, 1.0)):
        world = replace(WORLDS[EIGHT], strengths=even_strengths(systems, width))
        for place in sorted({1, 2, systems // 2, systems}, reverse=True):
            worst_of_eight = (systems, place) == (8, 8)
            roles, votes = roles_of(HONEST, (Role.PROMOTE, 10)), round(1.6 * MET * systems / 2)
            logs = _scaled(100 if worst_of_eight else 30, percent)
            seen = _seen(rng, logs, world, roles, votes=votes, target=place - 1, rates=NO_CONTROLS)
            own = [one for one in seen if one.role is Role.PROMOTE and one.met >= MET]
            words = f"always for number {place} of {systems} on {175 * width:.0f} points, met {MET} times or more"
            bar, least = ("at least 80 %", 0.8) if worst_of_eight else ("told", 0.0)
            yield _caught(words, bar, own, Family.DISAGREEMENT, at_least=least)


def _taste(rng: np.random.Generator, percent: int) -> Iterator[Bar]:
    roles = roles_of(HONEST, (Role.INDEPENDENT, 5), (Role.OPPOSED, 5))
    for name, world in WORLDS.items():
        seen = _seen(rng, _scaled(40, percent), world, roles, votes=100)
        for role in (Role.INDEPENDENT, Role.OPPOSED):
            own = [one for one in seen if one.role is role]
            yield _caught(f"honest, {role}, 100 votes, {name}: disagreement", "told", own, Family.DISAGREEMENT)
            words = f"honest, {role}, 100 votes, {name}: controls or behaviour"
            yield _caught(words, "told", own, Family.CONTROLS, Family.BEHAVIOUR)


def _real() -> Iterator[Bar]:
    """The log llmfao, where it is there."""
    if not LLMFAO.exists():
        return
    evidence = real_evidence()
    found = inspect(evidence)
    for family in (Family.BEHAVIOUR, Family.DISAGREEMENT):
        flagged = len(found.flagged(family))
        told = share_bar(SUITE, f"log llmfao: voters flagged by {family}", "told", flagged, len(found.voters))
        yield replace(told, reached=None)


def real_evidence() -> Evidence:
    """The log llmfao as evidence: no reading times, no controls."""
    with LLMFAO.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    shares = {"left": 1.0, "right": 0.0, "tie": 0.5}
    outcomes = build(
        left=[row["left"] for row in rows],
        right=[row["right"] for row in rows],
        share=[shares[row["winner"]] for row in rows],
        voter=[row["worker"] for row in rows],
        query=[row["prompt"] for row in rows],
    )
    return Evidence(outcomes=outcomes, seconds=unmeasured(outcomes))


def _seen(
    rng: np.random.Generator,
    logs: int,
    world: World,
    roles: tuple[Role, ...],
    *,
    votes: int = 100,
    target: int = -1,
    rates: tuple[float, float, float] = RATES,
    again: float = 0.75,
    side_sd: float = 0.2,
    lapses: float = 0.05,
) -> list[Seen]:
    """Everybody in so many logs; honest voters cast 20 to 200 votes, the others ``votes``."""
    found: list[Seen] = []
    for _ in range(logs):
        honest = np.array([role is Role.HONEST for role in roles])
        counts = np.where(honest, rng.integers(20, 201, size=len(roles)), votes)
        crowd = Crowd(
            world=world,
            roles=roles,
            counts=counts,
            target=target,
            rates=rates,
            again=again,
            side_sd=side_sd,
            lapses=lapses,
        )
        evidence = evidence_of(rng, crowd)
        found += _looked_up(evidence, inspect(evidence), roles, target)
    return found


def _looked_up(evidence: Evidence, inspection: Inspection, roles: Sequence[Role], target: int) -> list[Seen]:
    outcomes = evidence.outcomes
    battles = (outcomes.share != 0.5) & ((outcomes.left == target) | (outcomes.right == target))
    met = np.bincount(outcomes.voter[battles], minlength=len(roles))
    votes = np.bincount(outcomes.voter, minlength=len(roles))
    flags: dict[str, list[FlagKind]] = {name: [] for name in outcomes.voters}
    for flag in inspection.flags:
        flags[flag.voter].append(flag.kind)
    return [
        Seen(
            role=role,
            votes=int(votes[voter]),
            families=frozenset(kind.family for kind in flags[name]),
            kinds=frozenset(flags[name]),
            met=int(met[voter]),
        )
        for voter, (name, role) in enumerate(zip(outcomes.voters, roles, strict=True))
    ]


def _caught(
    setting: str, bar: str, seen: Sequence[Seen], *families: Family, at_least: float = 0.0, at_most: float = 1.0
) -> Bar:
    wanted = frozenset(families or Family)
    hits = sum(bool(one.families & wanted) for one in seen)
    found = share_bar(SUITE, setting, bar, hits, len(seen), at_least=at_least, at_most=at_most)
    return replace(found, reached=None) if bar == "told" else found


def _scaled(logs: int, percent: int) -> int:
    return max(1, logs * percent // 100)
