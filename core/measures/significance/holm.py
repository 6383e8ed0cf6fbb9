"""Holm's correction over a family of tests: Holm 1979 (Scand. J. Statist. 6:65).

p values in ascending order times the number of tests not yet passed, never falling, at most 1. It holds the
family-wise error whatever the dependence between the tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p values (p,), in the order given. InvalidInputError for one outside 0 to 1."""
    if not ((p_values >= 0.0) & (p_values <= 1.0)).all():
        raise InvalidInputError("Holm's correction needs p values between 0 and 1.")
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    return adjusted
