"""Common measures of many orders at once, from one table of grades; for thousands of evaluations of the same orders.

The formulas are trec_eval's, and so are the values (tests compare them): linear gains, discount log2(rank + 1),
relevant from grade 1 (or ``rel``) on, AP over all relevant documents, RBP without a residual. What these formulas do
not cover, ``core.measures.effectiveness`` computes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.measures.names import parse_measure

Floats = NDArray[np.float64]
KNOWN = {
    "nDCG": frozenset({"cutoff"}),
    "AP": frozenset({"cutoff", "rel"}),
    "P": frozenset({"cutoff", "rel"}),
    "R": frozenset({"cutoff", "rel"}),
    "RR": frozenset({"cutoff", "rel"}),
    "Success": frozenset({"cutoff", "rel"}),
    "RBP": frozenset({"cutoff", "rel", "p"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GainMeasure:
    """A measure these formulas cover. ``cutoff``: ranks that count, None for all."""

    name: str
    cutoff: int | None
    relevant: int
    persistence: float

    def values(self, gains: Floats, ideal: Floats) -> Floats:
        """(..., n) values.

        ``gains``: (..., n, m) grades in the order of the ranks, 0 for unjudged documents and for padding; ``ideal``:
        (n, j) grades of all judged documents of each query, falling, padded with 0.
        """
        if self.name == "nDCG":
            return _share(_dcg(gains, self.cutoff), _dcg(np.maximum(ideal, 0.0), self.cutoff))
        hits = (gains >= self.relevant).astype(np.float64)[..., : self.cutoff]
        total = (ideal >= self.relevant).sum(axis=-1).astype(np.float64)
        ranks = np.arange(1, hits.shape[-1] + 1)
        if self.name == "AP":
            return _share((np.cumsum(hits, axis=-1) / ranks * hits).sum(axis=-1), total)
        if self.name == "R":
            return _share(hits.sum(axis=-1), total)
        if self.name == "P":
            return np.asarray(hits.sum(axis=-1) / (self.cutoff or 1))
        if self.name == "Success":
            return np.asarray(hits.max(axis=-1, initial=0.0))
        if self.name == "RR":
            return np.asarray((hits / ranks).max(axis=-1, initial=0.0))
        return np.asarray((1.0 - self.persistence) * (hits * self.persistence ** (ranks - 1)).sum(axis=-1))


def gain_measure(name: str) -> GainMeasure | None:
    """The measure of this name; None where these formulas do not cover it. InvalidInputError for no measure at all."""
    measure = parse_measure(name)
    given = {key: value for key, value in measure.params.items() if value is not None}
    known = KNOWN.get(measure.NAME)
    if known is None or not given.keys() <= known or (measure.NAME == "P" and "cutoff" not in given):
        return None
    return GainMeasure(
        name=measure.NAME,
        cutoff=given.get("cutoff"),
        relevant=given.get("rel", 1),
        persistence=float(given.get("p", 0.8)),
    )


def _dcg(gains: Floats, cutoff: int | None) -> Floats:
    kept = np.maximum(gains[..., :cutoff], 0.0)
    return np.asarray((kept / np.log2(np.arange(2, kept.shape[-1] + 2))).sum(axis=-1))


def _share(part: Floats, whole: Floats) -> Floats:
    """0 where there is nothing to gain."""
    return np.asarray(
        np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)
    )
