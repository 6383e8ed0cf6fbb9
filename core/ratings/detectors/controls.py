"""Tests from control battles alone: answers a voter who looks would not give.

Missed: a gold battle answered wrongly counts three points; a repeat with the other winner two; a repeat that is a tie
once only one; a difference seen between a system and itself two (roughly the log-likelihood ratio of a coin against a
voter who looks). How often honest voters miss each is beta-binomial (habits.py), estimated from the voters themselves;
the points have the convolution of the four distributions, exactly.
Side: where the systems are the same, or the winner of a repeat would have had to change sides and did not, only the
side is left to decide; left and right are then equally likely but for a lean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.voting import Control
from core.ratings.detectors.decided import Mask
from core.ratings.detectors.evidence import TIE, ControlRecord
from core.ratings.detectors.flags import Flag, FlagKind
from core.ratings.detectors.habits import Habit, Prior, beta_binomial, habit_of, upper_tail
from core.ratings.outcomes import Floats, Integers

GOLD, DECIDED, TIED, SAME = range(4)  # kinds: gold, repeats decided both times, repeats with a tie, the same system
POINTS = (3, 2, 1, 2)
MISSED = (  # how often honest voters miss each kind
    Prior(mean=0.08, mean_voters=3.0, rho=0.03, rho_voters=20.0),
    Prior(mean=0.12, mean_voters=3.0, rho=0.03, rho_voters=20.0),
    Prior(mean=0.40, mean_voters=3.0, rho=0.10, rho_voters=20.0),
    Prior(mean=0.30, mean_voters=3.0, rho=0.10, rho_voters=20.0),
)
LEAN_TWICE = 4.0  # a lean counts twice where both verdicts of a repeat went its way: four times the variance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """By voter (V,) and kind: ``missed`` of ``trials``, (V, 4). ``left`` of ``sided`` (V,): how often the left was
    taken where only the side was left to decide."""

    missed: Integers
    trials: Integers
    left: Integers
    sided: Integers


def tally(records: Sequence[ControlRecord], voters: Sequence[str]) -> Tally:
    """Count; ``voters`` holds everybody who occurs in ``records``."""
    place = {name: index for index, name in enumerate(voters)}
    voter = np.array([place[record.voter] for record in records], dtype=np.int64)
    kind = np.array([_kind_of(record) for record in records], dtype=np.int64)
    share = np.array([record.share for record in records], dtype=np.float64)
    wrong = np.array([not record.right for record in records], dtype=np.bool_)
    sided = wrong & ((kind == DECIDED) | ((kind == SAME) & (share != TIE)))
    size = len(voters)
    cells = voter * len(POINTS) + kind
    return Tally(
        missed=np.bincount(cells[wrong], minlength=size * len(POINTS)).reshape(size, len(POINTS)),
        trials=np.bincount(cells, minlength=size * len(POINTS)).reshape(size, len(POINTS)),
        left=np.bincount(voter[sided & (share == 1.0)], minlength=size),
        sided=np.bincount(voter[sided], minlength=size),
    )


def _kind_of(record: ControlRecord) -> int:
    if record.control is Control.SWAPPED:
        return TIED if TIE in (record.share, record.expected) else DECIDED
    return GOLD if record.control is Control.GOLD else SAME


def missed_flags(found: Tally, honest: Mask, voters: Sequence[str], level: float) -> list[Flag]:
    """Voters who miss more controls than one who looks."""
    habits = [
        habit_of(found.missed[honest, at].astype(np.float64), found.trials[honest, at], prior)
        for at, prior in enumerate(MISSED)
    ]
    usual = found.trials @ np.array([habit.mean * points for habit, points in zip(habits, POINTS, strict=True)])
    scored = found.missed @ np.array(POINTS)
    tails: dict[tuple[int, ...], Floats] = {}
    flags: list[Flag] = []
    for voter in np.flatnonzero(scored > usual).tolist():
        trials = tuple(int(count) for count in found.trials[voter])
        if trials not in tails:
            tails[trials] = points_tail(trials, habits)
        p_value = float(tails[trials][scored[voter]])
        if p_value <= level:
            flags.append(_missed_flag(found, voter, voters[voter], p_value, habits))
    return flags


def points_tail(trials: Sequence[int], habits: Sequence[Habit]) -> Floats:
    """P(at least 0, 1, ... points) of an honest voter with so many controls of each kind."""
    mass = np.ones(1)
    for count, habit, points in zip(trials, habits, POINTS, strict=True):
        spread = np.zeros(count * points + 1)
        spread[::points] = beta_binomial(count, habit)
        mass = np.convolve(mass, spread)
    tail: Floats = np.cumsum(mass[::-1])[::-1]
    return tail


def side_flags(found: Tally, lean: Habit, voters: Sequence[str], level: float) -> list[Flag]:
    """Voters who take one side where only the side is left to decide. ``lean``: of honest voters in all their votes."""
    rho = min(LEAN_TWICE * lean.rho, 0.3)
    flags: list[Flag] = []
    for voter in np.flatnonzero(found.sided).tolist():
        trials, left = int(found.sided[voter]), int(found.left[voter])
        side, taken, usual = ("left", left, lean.mean) if 2 * left > trials else ("right", trials - left, 1 - lean.mean)
        p_value = min(1.0, 2.0 * upper_tail(taken, trials, usual, rho))
        if p_value <= level:
            flags.append(
                Flag(
                    voter=voters[voter],
                    kind=FlagKind.CONTROLS_SIDE,
                    p_value=p_value,
                    observed=taken,
                    expected=usual * trials,
                    trials=trials,
                    sentence=f"Of {trials} control battles in which only the side could decide, {taken} went to the "
                    f"{side}; about {usual * trials:.0f} were expected.",
                )
            )
    return flags


def _missed_flag(found: Tally, voter: int, name: str, p_value: float, habits: Sequence[Habit]) -> Flag:
    missed, trials = found.missed[voter], found.trials[voter]
    expected = sum(float(count) * habit.mean for count, habit in zip(trials, habits, strict=True))
    phrases = (
        "{} of {} gold battles wrong",
        "{} of {} repeats with the other winner",
        "{} of {} repeats a tie only once",
        "{} of {} equal lists told apart",
    )
    said = [phrase.format(*pair) for phrase, *pair in zip(phrases, missed, trials, strict=True) if pair[1]]
    return Flag(
        voter=name,
        kind=FlagKind.CONTROLS_MISSED,
        p_value=p_value,
        observed=float(missed.sum()),
        expected=expected,
        trials=int(trials.sum()),
        sentence=f"{', '.join(said)}; about {expected:.1f} misses were expected.",
    )
