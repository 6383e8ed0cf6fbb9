"""How much honest voters differ from one another: in what they prefer, and in how surely they tell it.

``taste``: variance w2 of a voter's own strengths around the crowd's. ``slope``: variance of the factor by which a
voter's preferences are more or less pronounced than the crowd's. Both from the departures of left_out.py, whose squares
are expected to be noise, plus the uncertainty of the fit, plus the variance times its growth (between.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.ratings.detectors.between import between_variance
from core.ratings.detectors.decided import Mask
from core.ratings.detectors.left_out import Departures

_PRIOR_VOTERS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """Variances between honest voters; natural logarithms, and a factor."""

    taste: float = 0.16  # a standard deviation of 70 points
    slope: float = 0.04  # a factor of 0.8 to 1.2


def variety_of(found: Departures, honest: Mask) -> Variety:
    """Of the voters in ``honest`` (V,)."""
    prior, one = Variety(), np.ones(int(honest.sum()))
    noise, growth = (found.noise + found.fit)[honest], found.taste[honest]
    usual = noise + prior.taste * growth
    systems = max(usual.shape[1], 1)
    degrees = usual.sum(axis=1) ** 2 / np.maximum((usual**2).sum(axis=1), 1e-24) * (systems - 1) / systems
    taste = between_variance(
        (found.scores**2).sum(axis=1)[honest],
        noise.sum(axis=1),
        growth.sum(axis=1),
        np.maximum(degrees, 1.0),
        prior=prior.taste,
        voters=_PRIOR_VOTERS,
    )
    along = (found.along_noise + found.along_fit + taste * found.along_taste)[honest]
    slope = between_variance(
        found.along[honest] ** 2, along, found.along_noise[honest] ** 2, one, prior=prior.slope, voters=_PRIOR_VOTERS
    )
    return Variety(taste=taste, slope=slope)
