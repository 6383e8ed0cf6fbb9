"""Test of a voter's verdicts for any information on what the others prefer, against a coin.

The statistic is how far the verdicts follow the others' preferences: the sum of |d| over the decided comparisons won
by the system that the others prefer, d the difference of its strength to the other one's. Of a voter of slope g it has
the mean sum |d| / (1 + exp(-g |d|)); honest slopes are normal with the mean and variance of variety.py, a coin has 0.
Flagged is who follows less than honest voters do and not clearly more than a coin. Honest people of an opposed taste
are found too: a person decides.
"""

from __future__ import annotations

import numpy as np

from core.ratings.detectors.decided import Decided
from core.ratings.detectors.flags import Flag, FlagKind
from core.ratings.detectors.habits import correlation, looked_at_from, upper_tail
from core.ratings.detectors.left_out import Departures
from core.ratings.detectors.variety import Variety

_COIN = 2.33  # standard deviations above a coin's, 1 %: who follows the others more than that is informed
_NODES = np.linspace(-5.0, 5.0, 41)  # of the standard normal


def no_information(
    found: Departures, decided: Decided, variety: Variety, voters: tuple[str, ...], level: float
) -> list[Flag]:
    """A flag for every voter who follows the others' preferences too little, and not clearly more than a coin."""
    variance = found.along_noise + found.along_fit + variety.taste * found.along_taste
    variance = variance + variety.slope * found.along_noise**2
    departure = found.along - (variety.usual_slope - 1.0) * found.along_noise
    share = found.followed / np.maximum(found.most, 1e-12)
    like_coin = (share - 0.5) * found.most < _COIN * 0.5 * np.sqrt(found.squares)
    low = like_coin & (departure < -looked_at_from(level) * np.sqrt(np.maximum(variance, 1e-24)))
    flags: list[Flag] = []
    for voter in np.flatnonzero(low).tolist():
        p_value = _p_value(found, decided, variety, voter)
        if p_value <= level:
            flags.append(_flag(found, voter, p_value, voters[voter]))
    return flags


def _p_value(found: Departures, decided: Decided, variety: Variety, voter: int) -> float:
    """P(an honest voter follows so little): over honest slopes, the upper tail of what went against the others."""
    rows = slice(int(decided.ends[voter]), int(decided.ends[voter + 1]))
    strengths = found.strengths[voter]
    ahead = strengths[decided.winner[rows]] - strengths[decided.loser[rows]]
    size = np.abs(ahead)
    most, squares = float(size.sum()), float((size**2).sum())
    trials = max(1, round(most**2 / squares))  # Kish: comparisons of unequal weight are worth so many equal ones
    against = float(size[ahead < 0.0].sum()) / most * trials
    slopes = variety.usual_slope + np.sqrt(variety.slope) * _NODES
    chance = 0.5 * (1.0 + np.tanh(0.5 * size[:, None] * slopes))
    missed = 1.0 - size @ chance / most
    other = float(found.along_fit[voter] + variety.taste * found.along_taste[voter])
    spread = (decided.inflation[voter] * (size**2 @ (chance * (1.0 - chance))) + other) / most**2
    masses = np.exp(-0.5 * _NODES**2)
    tails = [
        upper_tail(against, trials, float(mean), correlation(float(one), trials, float(mean)))
        for mean, one in zip(missed, spread, strict=True)
    ]
    return float(masses @ np.array(tails) / masses.sum())


def _flag(found: Departures, voter: int, p_value: float, name: str) -> Flag:
    trials = round(float(found.met[voter].sum()) / 2.0)
    right, usual = float(found.favoured[voter]), float(found.favoured_expected[voter])
    return Flag(
        voter=name,
        kind=FlagKind.NO_INFORMATION,
        p_value=p_value,
        observed=right,
        expected=usual,
        trials=trials,
        sentence=f"Of {trials} decided comparisons {right:.0f} went to the system that the others prefer; "
        f"about {usual:.0f} were expected.",
    )
