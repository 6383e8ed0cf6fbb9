"""Tests of a voter against the fit of all others: one system pushed up or down, and no information at all.

Targeted: the share of a system's decided comparisons that the voter gives it, against a beta distribution with the
mean of the others' fit and the variance of left_out.py; the smallest of all systems and both directions, times their
number (Bonferroni). No information: how far the voter's verdicts follow the others' preferences, each comparison
weighted by the difference of strengths (the score for "the voter's verdicts are the others' preferences times a
slope"), too low. Honest people whose taste differs are found by both: a person decides.
"""

from __future__ import annotations

import numpy as np

from core.ratings.detectors.flags import Flag, FlagKind
from core.ratings.detectors.habits import correlation, looked_at_from, upper_tail
from core.ratings.detectors.left_out import Departures
from core.ratings.detectors.variety import Variety
from core.ratings.outcomes import Floats

_LEAST_MISSED = 0.01  # lapses: nobody follows always
_COIN = 2.33  # standard deviations above a coin's, 1 %: who follows the others more than that is informed


def targeted(
    found: Departures, variety: Variety, voters: tuple[str, ...], systems: tuple[str, ...], level: float
) -> list[Flag]:
    """A flag for the system that stands out most, of every voter for whom one does."""
    deviation = np.sqrt(found.noise + found.fit + variety.taste * found.taste)
    tried = 2 * (found.met > 0).sum(axis=1)
    look = looked_at_from(level / np.maximum(tried, 1))[:, None]
    far = np.abs(found.scores) > look * np.maximum(deviation, 1e-12)
    flags: list[Flag] = []
    for voter in np.flatnonzero(far.any(axis=1)).tolist():
        tails = {int(s): _tail(found, deviation, voter, int(s)) for s in np.flatnonzero(far[voter])}
        system = min(tails, key=lambda s: tails[s])
        p_value = min(1.0, int(tried[voter]) * tails[system])
        if p_value <= level:
            flags.append(_targeted_flag(found, voter, system, p_value, voters[voter], systems[system]))
    return flags


def no_information(found: Departures, variety: Variety, voters: tuple[str, ...], level: float) -> list[Flag]:
    """A flag for every voter who follows the others' preferences too little, and not clearly more than a coin."""
    variance = found.along_noise + found.along_fit + variety.taste * found.along_taste
    variance = variance + variety.slope * found.along_noise**2
    most = np.maximum(found.most, 1e-12)
    share = found.followed / most
    departure = found.along - (variety.usual_slope - 1.0) * found.along_noise
    like_coin = share - 0.5 < _COIN * 0.5 * np.sqrt(found.squares) / most
    low = like_coin & (departure < -looked_at_from(level) * np.sqrt(np.maximum(variance, 1e-24)))
    flags: list[Flag] = []
    for voter in np.flatnonzero(low).tolist():
        missed = max(1.0 - float(share[voter] - departure[voter] / most[voter]), _LEAST_MISSED)
        trials = max(1, round(float(most[voter] ** 2 / found.squares[voter])))  # Kish: worth so many equal ones
        rho = correlation(float(variance[voter] / most[voter] ** 2), trials, missed)
        p_value = upper_tail((1.0 - float(share[voter])) * trials, trials, missed, rho)
        if p_value <= level:
            flags.append(_uninformed_flag(found, voter, p_value, voters[voter]))
    return flags


def _uninformed_flag(found: Departures, voter: int, p_value: float, name: str) -> Flag:
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


def _tail(found: Departures, deviation: Floats, voter: int, system: int) -> float:
    """One-sided p-value in the direction of the departure."""
    met, score = round(float(found.met[voter, system])), float(found.scores[voter, system])
    hits = round(float(found.won[voter, system]))
    mean = (hits - score) / met
    if score < 0.0:
        mean, hits = 1.0 - mean, met - hits
    rho = correlation((float(deviation[voter, system]) / met) ** 2, met, mean)
    return upper_tail(hits, met, mean, rho)


def _targeted_flag(found: Departures, voter: int, system: int, p_value: float, name: str, title: str) -> Flag:
    met, won = found.met[voter, system], float(found.won[voter, system])
    usual = won - float(found.scores[voter, system])
    way = "for" if won > usual else "against"
    return Flag(
        voter=name,
        kind=FlagKind.TARGETED,
        p_value=p_value,
        observed=won,
        expected=usual,
        trials=round(float(met)),
        system=title,
        sentence=f"Votes {way} {title}: it won {won:.0f} of its {met:.0f} decided comparisons, "
        f"about {usual:.0f} were expected.",
    )
