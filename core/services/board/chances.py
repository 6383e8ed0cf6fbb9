"""For every two systems: how likely the one beats the other in the next comparison, and how sure it is to be better.

P = 1 / (1 + exp(-d)) with d the difference of strengths, its limits from d -+ t * se(d); "better" is the probability
that Student's t around d lies above zero. ``clear`` comes from the simultaneous rank sets, since who reads a board
picks the pairs after having seen them all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from core.domain.student import two_sided_quantile, two_sided_tail
from core.services.board.boards import Chance
from core.services.board.rated_slice import Scale

LEVEL = 0.95


def chances(scale: Scale | None, place: Mapping[str, int]) -> tuple[Chance, ...]:
    """Every pair once, the better rated first. ``place``: of each system on the board. Empty without errors."""
    if scale is None or scale.errors is None or scale.sets is None:
        return ()
    errors, systems = scale.errors, scale.outcomes.systems
    found = []
    for i, j in np.argwhere(np.triu(np.ones(errors.error.shape, dtype=np.bool_), 1)).tolist():
        if place[systems[i]] > place[systems[j]]:
            i, j = j, i
        difference, error = float(errors.difference[i, j]), float(errors.error[i, j])
        degrees = float(errors.degrees[i, j])
        reach = error * two_sided_quantile(LEVEL, round(degrees, 2)) if degrees > 0 else math.inf
        found.append(
            Chance(
                first=place[systems[i]],
                second=place[systems[j]],
                probability=_logistic(difference),
                low=_logistic(difference - reach),
                high=_logistic(difference + reach),
                better=_better(difference, error, degrees),
                clear=bool(scale.sets.separated[i, j]),
            )
        )
    return tuple(sorted(found, key=lambda chance: (chance.first, chance.second)))


def _better(difference: float, error: float, degrees: float) -> float:
    if error <= 0.0 or degrees <= 0.0:
        return 0.5
    tail = 0.5 * two_sided_tail(abs(difference) / error, degrees)
    return 1.0 - tail if difference > 0 else tail


def _logistic(value: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * value))
