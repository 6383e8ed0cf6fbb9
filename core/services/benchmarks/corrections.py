"""The same tests under another correction, without drawing again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.measures.significance.compare import DRAWS, compare
from core.measures.significance.findings import Correction, PairFinding, Significance
from core.measures.significance.letters import letter_groups
from core.services.benchmarks.measured import Floats

LEVEL = 0.95


def significance(
    names: Sequence[str],
    values: Sequence[Sequence[float]] | Floats,
    correction: Correction = Correction.HOLM,
    *,
    draws: int = DRAWS,
) -> Significance:
    """Of values (k, n) at 95 %, the seed always the same, so that equal values give equal p values."""
    table = np.asarray(values, dtype=np.float64)
    return compare(table, names, level=LEVEL, draws=draws, correction=correction)


def corrected(found: Significance, correction: Correction) -> Significance:
    """Which pairs are significant, and the letters, as ``correction`` has them."""
    if found.correction is correction:
        return found
    pairs = tuple(replace(pair, significant=_p(pair, correction) <= 1.0 - found.level) for pair in found.pairs)
    letters = letter_groups(found.means, [(pair.first, pair.second) for pair in pairs if pair.significant])
    return replace(found, correction=correction, pairs=pairs, letters=letters)


def _p(pair: PairFinding, correction: Correction) -> float:
    return {
        Correction.HOLM: pair.holm_randomisation,
        Correction.TUKEY: pair.p_tukey,
        Correction.NONE: pair.p_randomisation,
    }[correction]
