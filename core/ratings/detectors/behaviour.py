"""Tests that need no other voter's opinion: one side preferred, always a tie, too fast to have read.

Each count is beta-binomial among honest voters (habits.py): people lean to a side, call ties and hurry to differing
degrees, which a plain binomial would call cheating.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.ratings.detectors.decided import Mask, sums
from core.ratings.detectors.evidence import Evidence
from core.ratings.detectors.flags import Flag, FlagKind
from core.ratings.detectors.habits import Habit, Prior, habit_of, looked_at_from, spread_of, upper_tail
from core.ratings.outcomes import Floats, Integers, Outcomes

SIDE = Prior(mean=0.5, mean_voters=5.0, rho=0.02, rho_voters=10.0)  # honest shares of the left: sd 0.07
TIES = Prior(mean=0.25, mean_voters=2.0, rho=0.10, rho_voters=10.0)
ONE_SIDE = 0.95
MOST = Habit(mean=0.5, rho=0.0)  # whoever reads takes his time over at least half of the votes, whatever others do


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """By voter, (V,): ``hits`` of ``trials``, and how many were ``expected`` but for habit (NaN: the habit's mean)."""

    hits: Floats
    trials: Integers
    expected: Floats


def sides(outcomes: Outcomes, strengths: Floats) -> Counts:
    """Left wins of decided votes with sides; expected from the ``strengths`` (V, k) of the others."""
    rows = np.flatnonzero((outcomes.share != 0.5) & (outcomes.slot == 1))
    voter, left, right = outcomes.voter[rows], outcomes.left[rows], outcomes.right[rows]
    chance = 0.5 * (1.0 + np.tanh(0.5 * (strengths[voter, left] - strengths[voter, right])))
    return _counts(outcomes, voter, outcomes.share[rows], chance)


def ties(outcomes: Outcomes) -> Counts:
    """Ties of all comparisons."""
    return _counts(outcomes, outcomes.voter, (outcomes.share == 0.5).astype(np.float64))


def hurried(evidence: Evidence, seconds: float) -> Counts:
    """Votes sooner than ``seconds`` of those measured; a vote over several systems counts once."""
    outcomes = evidence.outcomes
    rows = first_of_vote(outcomes)
    rows = rows[~np.isnan(evidence.seconds[rows])]
    return _counts(outcomes, outcomes.voter[rows], (evidence.seconds[rows] < seconds).astype(np.float64))


def first_of_vote(outcomes: Outcomes) -> Integers:
    """One row of every vote."""
    if outcomes.one_per_vote:
        return np.arange(len(outcomes))
    return np.unique(outcomes.vote, return_index=True)[1]


def side_flags(counts: Counts, honest: Mask, voters: tuple[str, ...], level: float) -> tuple[list[Flag], Habit]:
    """Both directions, doubled. Also the habit: the mean share of the left, and rho."""
    n = np.maximum(counts.trials, 1)
    lean = _shared_lean(counts, honest)
    mean = _leaning(counts.expected / n, lean)
    known = honest & (counts.trials > 0)
    rho = spread_of(counts.hits[known], counts.trials[known], mean[known], SIDE)
    flags: list[Flag] = []
    for voter in _far(counts, mean, level):
        hits, trials, usual = float(counts.hits[voter]), int(counts.trials[voter]), float(mean[voter])
        left = hits > trials * usual
        taken, expected = (hits, usual) if left else (trials - hits, 1.0 - usual)
        p_value = min(1.0, 2.0 * upper_tail(taken, trials, expected, rho))
        if p_value <= level:
            side = "left" if left else "right"
            flags.append(
                Flag(
                    voter=voters[voter],
                    kind=FlagKind.ONE_SIDE if taken >= ONE_SIDE * trials else FlagKind.SIDE,
                    p_value=p_value,
                    observed=taken,
                    expected=expected * trials,
                    trials=trials,
                    sentence=f"Of {trials} decided votes {taken:.0f} for the {side} side; "
                    f"about {expected * trials:.0f} were expected.",
                )
            )
    return flags, Habit(mean=float(_leaning(np.array([0.5]), lean)[0]), rho=rho)


def tie_flags(counts: Counts, honest: Mask, voters: tuple[str, ...], level: float) -> list[Flag]:
    """More ties than a voter who looks would call."""
    habit = habit_of(counts.hits[honest], counts.trials[honest], TIES)
    phrase = "{hits} of {trials} verdicts are ties; about {usual} were expected."
    return _too_many(counts, habit, FlagKind.ALWAYS_TIE, voters, level, phrase)


def hurry_flags(counts: Counts, voters: tuple[str, ...], level: float, seconds: float) -> list[Flag]:
    """More than half of the votes hurried, beyond chance: an absolute rule, so no crowd makes hurrying usual."""
    phrase = f"{{hits}} of {{trials}} votes came within {seconds:g} s."
    return _too_many(counts, MOST, FlagKind.TOO_FAST, voters, level, phrase)


def _too_many(
    counts: Counts, habit: Habit, kind: FlagKind, voters: tuple[str, ...], level: float, phrase: str
) -> list[Flag]:
    flags: list[Flag] = []
    for voter in _far(counts, np.full(len(voters), habit.mean), level):
        hits, trials = float(counts.hits[voter]), int(counts.trials[voter])
        p_value = upper_tail(hits, trials, habit.mean, habit.rho)
        if hits > habit.mean * trials and p_value <= level:
            usual = habit.mean * trials
            flags.append(
                Flag(
                    voter=voters[voter],
                    kind=kind,
                    p_value=p_value,
                    observed=hits,
                    expected=usual,
                    trials=trials,
                    sentence=phrase.format(hits=f"{hits:.0f}", trials=trials, usual=f"{usual:.0f}"),
                )
            )
    return flags


def _far(counts: Counts, mean: Floats, level: float) -> list[int]:
    """Voters whose tail can be as small as ``level``."""
    variance = np.maximum(counts.trials * mean * (1.0 - mean), 1e-12)
    square = (counts.hits - counts.trials * mean) ** 2
    return np.flatnonzero(square > looked_at_from(level) ** 2 * variance).tolist()


def _shared_lean(counts: Counts, honest: Mask) -> float:
    """Log odds by which honest voters together favour the left, with a prior of mean 0 and sd 0.3."""
    taken = (counts.hits - counts.expected)[honest]
    n = counts.trials[honest].astype(np.float64)
    worth = 1.0 / (1.0 + np.maximum(n - 1.0, 0.0) * SIDE.rho)
    information = float((worth * 0.25 * n).sum()) + 0.3**-2
    return float((worth * taken).sum()) / information


def _leaning(share: Floats, lean: float) -> Floats:
    """Shares (V,) moved by log odds; where there is no vote they are 0 and become one half."""
    known = np.where(share > 0.0, share, 0.5)
    inside = np.clip(known, 1e-6, 1.0 - 1e-6)
    moved: Floats = 1.0 / (1.0 + (1.0 - inside) / inside * np.exp(-lean))
    return moved


def _counts(outcomes: Outcomes, voter: Integers, hits: Floats, chance: Floats | None = None) -> Counts:
    size = len(outcomes.voters)
    trials = np.bincount(voter, minlength=size)
    expected = np.full(size, np.nan) if chance is None else sums(voter, chance, size)
    return Counts(hits=sums(voter, hits, size), trials=trials, expected=expected)
