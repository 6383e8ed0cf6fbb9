"""How much honest voters differ from one another: in what they prefer, and in how surely they tell it.

``taste``: variance w2 of a voter's own strengths around the crowd's, in the linear terms of left_out.py (where tastes
move a probability far, somewhat less than their variance in log odds). A voter's slope is the factor by which its
preferences are more or less pronounced than the others' fit says; the fit is flattened by whoever does not look, so
that honest slopes lie above 1. ``usual_slope``: their weighted median. ``slope``: their variance around it. Both
variances from the departures of left_out.py, whose squares are expected to be noise, plus the uncertainty of the fit,
plus the variance times its growth (between.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.ratings.detectors.between import between_variance, middle
from core.ratings.detectors.decided import Mask
from core.ratings.detectors.left_out import Departures
from core.ratings.outcomes import Floats

_PRIOR_VOTERS = 4.0
_LARGEST_SLOPE = 0.1  # that many others do not look does not make a coin, whose slope is 0, an honest voter


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """Variances between honest voters; natural logarithms, and a factor."""

    taste: float = 0.16  # a standard deviation of 70 points
    slope: float = 0.04  # a factor of 0.8 to 1.2
    usual_slope: float = 1.0


def variety_of(found: Departures, honest: Mask) -> Variety:
    """Of the voters in ``honest`` (V,)."""
    prior = Variety()
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
    usual_slope, slope = _slopes(found, honest, taste)
    return Variety(taste=taste, slope=slope, usual_slope=usual_slope)


def _slopes(found: Departures, honest: Mask, taste: float) -> tuple[float, float]:
    """The weighted median of the slopes, and their variance around it."""
    prior = Variety()
    growth: Floats = found.along_noise[honest]
    known = growth > 0.0
    growth = growth[known]
    noise = (found.along_noise + found.along_fit + taste * found.along_taste)[honest][known]
    slopes = 1.0 + found.along[honest][known] / growth
    weights = 1.0 / (noise / growth**2 + prior.slope)
    believed = _PRIOR_VOTERS / prior.slope
    usual = middle(np.append(slopes, prior.usual_slope), np.append(weights, believed))
    square = ((slopes - usual) * growth) ** 2
    one = np.ones(len(growth))
    found_variance = between_variance(square, noise, growth**2, one, prior=prior.slope, voters=_PRIOR_VOTERS)
    return usual, min(found_variance, _LARGEST_SLOPE)
