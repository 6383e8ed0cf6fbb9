"""Test of a voter against the fit of all others: one system pushed up or down.

The share of a system's decided comparisons that the voter gives it, against a beta-binomial with the mean of the
others' fit and the variance of left_out.py; the smallest tail of all systems and both directions, times their number
(Bonferroni). Honest people whose taste differs are found too: a person decides.
"""

from __future__ import annotations

import numpy as np

from core.ratings.detectors.flags import Flag, FlagKind
from core.ratings.detectors.habits import correlation, looked_at_from, upper_tail
from core.ratings.detectors.left_out import Departures
from core.ratings.detectors.variety import Variety
from core.ratings.outcomes import Floats


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
