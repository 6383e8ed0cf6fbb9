"""Which pair should battle next: probabilities over the allowed pairs.

Uniform; fewest battles first; and decision contrast: leaders are drawn from the posterior (Gaussian about the fit),
each draw names its own first and second (or third and fourth) place, and a battle of i and j would lower the variance
of the difference c of those two by w (c'Bx)^2 / (1 + w x'Bx), with x = e_i - e_j, w = P (1 - P) and B the inverse
information (Sherman and Morrison). Each draw votes for the pair that lowers it most; a pair's probability is its share
of the draws. Strengths are drawn with twice their standard errors: what chance has made of the first votes then
decides less which pairs are met later. Without that the interval of the difference that is to be decided covered 88 to
92 %, with it 93 to 96 % (benchmarks/statistics/matching.py). A fifth of all battles is drawn uniformly, so that every
pair keeps being met; and while a system has met fewer than ten times, three tenths go to pairs with such a system (a
fair start).

The fit is Bradley-Terry with a little prior (a tenth of a tie for every pair), so it exists from the first battle on;
nothing of it is reported. Queries are to be drawn uniformly for the drawn pair: any other draw changes what the ratings
estimate. All functions return (k, k), symmetric, zero where not allowed; the pairs above the diagonal sum to one.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.ratings.bradley_terry import fit_bradley_terry, information, inverse_information
from core.ratings.outcomes import Floats
from core.ratings.pairs import Counts, PairTable

Allowed = NDArray[np.bool_]

UNIFORM_SHARE = 0.2
START_SHARE = 0.3
START_BATTLES = 10
_WIDER = 2.0  # standard errors
_PRIOR = 0.1


class Target(StrEnum):
    """What shall be decided."""

    FIRST = "first"
    TOP_THREE = "top-3"

    @property
    def place(self) -> int:
        """The place, from 0, of the better of the two systems that are compared."""
        return {Target.FIRST: 0, Target.TOP_THREE: 2}[self]


def uniform_probabilities(allowed: Allowed) -> Floats:
    """Every allowed pair equally. ``allowed``: (k, k), symmetric. InvalidInputError where no pair is allowed."""
    return _even(_checked(allowed))


def fewest_probabilities(met: Counts, allowed: Allowed) -> Floats:
    """The allowed pairs that met least, equally. ``met``: (k, k) battles."""
    mask = _checked(allowed)
    return _even(mask & (met == met[mask].min()))


def contrast_probabilities(
    pairs: PairTable,
    allowed: Allowed,
    rng: np.random.Generator,
    *,
    target: Target = Target.FIRST,
    design_effect: float = 1.0,
    draws: int = 200,
) -> Floats:
    """Decision contrast, as the module says. ``design_effect``: by how much the clustered variance of differences
    exceeds the model's, so that leaders are drawn as widely as is known of them."""
    mask = _checked(allowed)
    k = len(pairs.systems)
    if k < target.place + 2:
        target = Target.FIRST
    prior = _PRIOR * (1.0 - np.eye(k))
    known = PairTable(systems=pairs.systems, wins=pairs.wins + 0.25 * prior, ties=pairs.ties + 0.5 * prior)
    strengths = fit_bradley_terry(known).strengths
    inverse = inverse_information(information(known.met, strengths))
    decision = _chosen(strengths, inverse, design_effect, mask, target.place, draws, rng)
    return _with_start(decision, pairs.met, mask)


def _chosen(
    strengths: Floats,
    inverse: Floats,
    design_effect: float,
    mask: Allowed,
    place: int,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """(k, k), the share of draws for which this pair lowers the variance of the drawn contrast most."""
    k = len(strengths)
    values, vectors = np.linalg.eigh(design_effect * _WIDER**2 * inverse)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    order = np.argsort(-(strengths + rng.standard_normal((draws, k)) @ root.T), axis=1)
    first, second = np.triu_indices(k, 1)
    here = mask[first, second]
    first, second = first[here], second[here]
    half = 0.5 * (strengths[first] - strengths[second])
    weight = 0.25 / np.cosh(half) ** 2
    own = inverse[first, first] + inverse[second, second] - 2.0 * inverse[first, second]
    found = np.zeros((k, k))
    contrasts, times = np.unique(order[:, place : place + 2], axis=0, return_counts=True)
    side = inverse[contrasts[:, 0]] - inverse[contrasts[:, 1]]
    gain = weight * (side[:, first] - side[:, second]) ** 2 / (1.0 + weight * own)  # (contrasts, pairs)
    best = gain >= gain.max(axis=1, keepdims=True) * (1.0 - 1e-9)
    found[first, second] = (times / best.sum(axis=1)) @ best
    found = found + found.T
    shares: Floats = found / draws
    return shares


def _with_start(decision: Floats, met: Counts, mask: Allowed) -> Floats:
    new = met.sum(axis=1) < START_BATTLES
    start = mask & (new[:, None] | new[None, :])
    share = START_SHARE if start.any() else 0.0
    mixed = UNIFORM_SHARE * _even(mask) + (1.0 - UNIFORM_SHARE - share) * decision
    return mixed + share * _even(start) if share else mixed


def _even(mask: Allowed) -> Floats:
    found: Floats = mask / (0.5 * mask.sum())
    return found


def _checked(allowed: Allowed) -> Allowed:
    mask = allowed & allowed.T
    np.fill_diagonal(mask, False)
    if not mask.any():
        raise InvalidInputError("No pair of systems is allowed. Add systems, or rank more queries with them.")
    return mask
