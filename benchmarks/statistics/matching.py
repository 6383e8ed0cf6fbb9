"""Decision contrast against uniform matchmaking: votes for the same interval of the difference that is to be decided.

Both collect votes of 100 voters of differing taste on 40 queries, battle by battle as the arena does (probabilities
renewed every 200 votes). Uniform collects them all; the share of its votes that decision contrast needs for the same
half width of first minus second (or third minus fourth) place is read off between checkpoints, where the squared half
width falls as 1 / votes. Coverage is of the true difference at the last checkpoint. What the choice costs the other
ratings is told as the mean ratio of their standard errors at the same number of votes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics.bars import Bar, share_bar
from benchmarks.statistics.worlds import World, even_strengths, half_win_truth, tastes_of, verdicts
from core.domain.student import two_sided_quantile
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.contrast_errors import ContrastErrors, contrast_errors
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pair_policy import Target, contrast_probabilities, uniform_probabilities
from core.ratings.pairs import PairTable, pair_table

NAME = "matchmaking"
_VOTERS, _QUERIES, _BATCH = 100, 40, 200
_CHECKS = (0.2, 0.45, 0.7, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    systems: int
    width: float
    votes: int
    target: Target

    @property
    def name(self) -> str:
        pair = "first against second" if self.target is Target.FIRST else "third against fourth"
        return f"{pair} of {self.systems}, {self.votes:,} votes"


SETTINGS = tuple(
    _Setting(systems=systems, width=width, votes=votes, target=target)
    for systems, width, votes in ((8, 1.2, 2_000), (20, 2.0, 4_000))
    for target in Target
)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Share of uniform's votes, coverage, and what the other ratings pay."""
    for number, setting in enumerate(SETTINGS):
        rng = np.random.default_rng([seed, 33, number])
        world = World(strengths=even_strengths(setting.systems, setting.width), taste=0.3, difficulty=0.1, nu=0.4)
        truth = half_win_truth(world)
        found = np.array([_replicate(rng, world, truth, setting) for _ in range(max(5, 6 * percent))])
        shares, n = np.sort(found[:, 0]), len(found)
        reach = 0.98 * n**0.5
        yield Bar(
            suite=NAME,
            setting=setting.name,
            bar="at most 70 % of uniform's votes (median)",
            measured=float(np.median(shares)),
            low=float(shares[max(0, round(n / 2 - reach) - 1)]),
            high=float(shares[min(n - 1, round(n / 2 + reach))]),
            n=n,
            reached=bool(np.median(shares) <= 0.7),
        )
        yield share_bar(
            NAME, f"{setting.name}, the contrast", "covers at least 92 %", found[:, 1].sum(), n, at_least=0.92
        )
        mean, error = float(found[:, 2].mean()), float(found[:, 2].std()) / n**0.5
        yield Bar(
            suite=NAME,
            setting=f"{setting.name}, errors of the other ratings",
            bar="times uniform's",
            measured=mean,
            low=mean - 1.96 * error,
            high=mean + 1.96 * error,
            n=n,
            reached=None,
            unit="times",
        )


def _replicate(rng: np.random.Generator, world: World, truth: Floats, setting: _Setting) -> tuple[float, bool, float]:
    """Share of uniform's votes; whether the interval covers; error of the other ratings over uniform's."""
    better, worse = setting.target.place, setting.target.place + 1
    even = _contrasts(_collect(rng, world, setting.votes, None))
    collected = _collect(rng, world, setting.votes, setting.target)
    checks = [_contrasts(_head(collected, round(part * setting.votes))) for part in _CHECKS]
    widths = np.array([_half_width(contrasts, better, worse) for contrasts in checks])
    chosen = checks[-1]
    covers = abs(chosen.difference[better, worse] - (truth[better] - truth[worse])) <= widths[-1]
    others = [i for i in range(world.systems) if i not in (better, worse)]
    paid = float(np.mean(_errors(chosen)[others] / _errors(even)[others]))
    return _reached(widths, _half_width(even, better, worse)), bool(covers), paid


def _reached(widths: Floats, aim: float) -> float:
    """The share of the votes at which the half width falls to ``aim``; from checkpoint to checkpoint
    votes times squared half width changes little, so it is interpolated."""
    checks = np.array(_CHECKS)
    needed = checks * (widths / aim) ** 2  # were the rest collected as up to here
    inside = np.flatnonzero(needed <= checks)
    if not len(inside):
        return float(needed[-1])
    at = int(inside[0])
    if at == 0:
        return float(needed[0])
    excess = needed[at - 1 : at + 1] - checks[at - 1 : at + 1]
    return float(np.interp(0.0, excess[::-1], checks[at - 1 : at + 1][::-1]))


def _collect(rng: np.random.Generator, world: World, votes: int, target: Target | None) -> Outcomes:
    k, tastes = world.systems, tastes_of(rng, world, _VOTERS)
    by_query = world.difficulty * rng.normal(size=(_QUERIES, k))
    allowed = ~np.eye(k, dtype=np.bool_)
    first, second = np.triu_indices(k, 1)
    wins, ties = np.zeros((k, k), dtype=np.int64), np.zeros((k, k), dtype=np.int64)
    systems = tuple(f"s{i:02d}" for i in range(k))
    columns: list[tuple[Integers, Integers, Floats]] = []
    voter, query = rng.integers(_VOTERS, size=votes), rng.integers(_QUERIES, size=votes)
    for start in range(0, votes, _BATCH):
        if target is None:
            chances = uniform_probabilities(allowed)
        else:
            pairs = PairTable(systems=systems, wins=wins, ties=ties)
            chances = contrast_probabilities(pairs, allowed, rng, target=target)
        here = slice(start, min(votes, start + _BATCH))
        drawn = rng.choice(len(first), size=here.stop - here.start, p=chances[first, second])
        left, right = first[drawn], second[drawn]
        seen = world.strengths + tastes[voter[here]] + by_query[query[here]]
        rows = np.arange(len(drawn))
        share = verdicts(rng, seen[rows, left] - seen[rows, right], world.nu)
        columns.append((left, right, share))
        np.add.at(wins, (left[share == 1.0], right[share == 1.0]), 1)
        np.add.at(wins, (right[share == 0.0], left[share == 0.0]), 1)
        np.add.at(ties, (left[share == 0.5], right[share == 0.5]), 1)
        np.add.at(ties, (right[share == 0.5], left[share == 0.5]), 1)
    left, right, share = (np.concatenate(column) for column in zip(*columns, strict=True))
    return Outcomes(
        systems=systems,
        left=left,
        right=right,
        share=share,
        voters=tuple(f"v{i:03d}" for i in range(_VOTERS)),
        voter=voter,
        queries=tuple(f"q{i:02d}" for i in range(_QUERIES)),
        query=query,
    )


def _head(outcomes: Outcomes, votes: int) -> Outcomes:
    return outcomes.where(np.arange(len(outcomes)) < votes)


def _contrasts(outcomes: Outcomes) -> ContrastErrors:
    return contrast_errors(outcomes, fit_bradley_terry(pair_table(outcomes)))


def _half_width(contrasts: ContrastErrors, better: int, worse: int) -> float:
    degrees = float(contrasts.degrees[better, worse])
    return two_sided_quantile(0.95, degrees) * float(contrasts.error[better, worse])


def _errors(contrasts: ContrastErrors) -> Floats:
    """(k,) of the strengths relative to their mean."""
    errors: Floats = np.sqrt(np.diag(contrasts.covariance))
    return errors
