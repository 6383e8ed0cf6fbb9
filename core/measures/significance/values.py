"""What is compared: one value per system and query, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError

Floats = NDArray[np.float64]
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedValues:
    """``values``: (k, n), system by query. ``first``, ``second``: (p,) rows of the pairs, first < second."""

    values: Floats
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Queries."""
        return len(self.values[0])

    @property
    def differences(self) -> Floats:
        """(p, n): first minus second. What differs by less than rounding is exactly 0."""
        found = self.values[self.first] - self.values[self.second]
        size = np.maximum(np.abs(self.values[self.first]), np.abs(self.values[self.second]))
        found[np.abs(found) <= _EQUAL * size] = 0.0
        return np.asarray(found)


def paired_values(values: NDArray[np.floating] | Sequence[Sequence[float]]) -> PairedValues:
    """Checked values of k systems over the same n queries, with all their pairs in the order of rows.

    InvalidInputError: not a table of k >= 1 rows and n >= 1 columns, or a value that is not finite.
    """
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise InvalidInputError(f"Compare needs values per system and query, not a table of shape {table.shape}.")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0].tolist()
        raise InvalidInputError(
            f"System {row + 1} has {table[row, column]} on query {column + 1}. Every system needs a finite value on "
            "every query; leave out queries that some system lacks."
        )
    first, second = np.triu_indices(len(table), k=1)
    return PairedValues(values=table, first=first.astype(np.int64), second=second.astype(np.int64))
