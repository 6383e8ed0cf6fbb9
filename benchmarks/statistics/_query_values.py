"""Simulated values of systems on queries, like nDCG@10: skewed in [0, 1], some 0 and some 1, alike between systems.

A latent value is a query's own part (how hard it is), a part that some systems share, and a system's own; its normal
quantile u becomes 1.25 u^1.3 - 0.1, cut to [0, 1]: around a shift of -0.4 a mean of 0.32, a standard deviation of 0.32,
25 % zeros, 4 % ones, correlation 0.55 between two systems. Systems with the same shift have the same distribution of
values, so they are truly equal however unlike their correlations are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
USUAL = -0.4  # shift of a system of middling quality


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueryWorld:
    """``shift``: (k,) latent means, equal ones are equal systems. ``common``: share of the latent variance that a query
    gives to all systems; ``cloned``: further share that the first ``clones`` systems have in common. ``binary``: so
    many of the last systems are right or wrong altogether (P@1, Success) and the others smooth, all of mean 0.4;
    meant for equal shifts of 0."""

    shift: Floats
    common: float = 0.6
    cloned: float = 0.0
    clones: int = 0
    binary: int = 0

    @property
    def null(self) -> NDArray[np.bool_]:
        """(pairs,): which pairs are truly equal."""
        first, second = np.triu_indices(len(self.shift), k=1)
        return np.asarray(self.shift[first] == self.shift[second])

    @property
    def means(self) -> Floats:
        """(k,) true means of a world without ``binary``, by quadrature."""
        latent = np.linspace(-9.0, 9.0, 20_001)
        density = np.exp(-0.5 * latent**2) / math.sqrt(2.0 * math.pi)
        values = _values(latent + self.shift[:, None])
        return np.asarray((values * density).sum(axis=1) * (latent[1] - latent[0]))

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """(k, n) values of one sample of queries."""
        k = len(self.shift)
        cloned = np.where(np.arange(k) < self.clones, self.cloned, 0.0)[:, None]
        latent = (
            math.sqrt(self.common) * rng.normal(size=n)
            + np.sqrt(cloned) * rng.normal(size=n)
            + np.sqrt(1.0 - self.common - cloned) * rng.normal(size=(k, n))
        )
        latent += self.shift[:, None]
        if not self.binary:
            return _values(latent)
        level = ndtr(latent)
        return np.vstack([level[: k - self.binary] ** 1.5, level[k - self.binary :] > 0.6])

    def shifted(self, by: Floats) -> QueryWorld:
        """The same with other qualities."""
        return replace(self, shift=self.shift + by)


def _values(latent: Floats) -> Floats:
    return np.asarray(np.clip(1.25 * ndtr(latent) ** 1.3 - 0.1, 0.0, 1.0))
