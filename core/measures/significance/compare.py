"""All systems of a table against one another: every pair's tests, intervals, effect and power, and the letters.

Which queries were seen is the only chance here: intervals and p values speak of other queries of the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.measures.significance.bootstrap import bootstrap_intervals
from core.measures.significance.findings import Correction, PairFinding, Significance
from core.measures.significance.holm import holm
from core.measures.significance.letters import letter_groups
from core.measures.significance.power import detectable_difference, queries_needed
from core.measures.significance.randomisation import randomisation_test
from core.measures.significance.t_test import paired_t
from core.measures.significance.values import PairedValues, paired_values

DRAWS = 10_000
_DRAWS_PER_STEP = 4  # the smallest p value there can be is a quarter of what Holm asks of the first pair


def compare(
    values: NDArray[np.float64],
    names: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    correction: Correction = Correction.HOLM,
) -> Significance:
    """Systems ``names`` (k,) by their ``values`` (k, n): one row per system, one column per query, the same queries.

    ``draws``: of the randomisation and of the bootstrap; raised where so many pairs could not become significant
    with fewer. The same input and seed give the same findings. One system has no pairs; a single query no p value
    below 1. InvalidInputError: a value that is not finite, names that do not match, a level outside (0, 1), no draws.
    """
    paired = paired_values(values)
    if len(names) != len(paired.values):
        raise InvalidInputError(f"{len(paired.values)} rows of values need as many names, not {len(names)}.")
    if not 0.0 < level < 1.0:
        raise InvalidInputError(f"The level must lie between 0 and 1, not {level}.")
    if draws < 1:
        raise InvalidInputError(f"A comparison needs at least one draw, not {draws}.")
    enough = max(draws, math.ceil(_DRAWS_PER_STEP * len(paired.first) / (1.0 - level)))
    pairs = _findings(paired, level, enough, seed, correction)
    means = tuple(paired.values.mean(axis=1).tolist())
    return Significance(
        names=tuple(names),
        n=paired.n,
        level=level,
        draws=enough,
        seed=seed,
        correction=correction,
        means=means,
        pairs=pairs,
        letters=letter_groups(means, [(pair.first, pair.second) for pair in pairs if pair.significant]),
    )


def _findings(
    paired: PairedValues, level: float, draws: int, seed: int, correction: Correction
) -> tuple[PairFinding, ...]:
    differences = paired.differences
    t_tests = [paired_t(row, level) for row in differences]
    randomised = randomisation_test(paired, draws, seed)
    intervals = bootstrap_intervals(paired, min(draws, DRAWS), seed, level)
    p_t = np.array([found.p for found in t_tests])
    holm_randomisation = holm(randomised.alone)
    by_correction = {Correction.HOLM: holm_randomisation, Correction.TUKEY: randomised.family}
    deciding = by_correction.get(correction, randomised.alone)
    return tuple(
        PairFinding(
            first=int(first),
            second=int(second),
            difference=test.mean,
            low=test.low,
            high=test.high,
            bootstrap_low=float(intervals.low[at]),
            bootstrap_high=float(intervals.high[at]),
            effect=test.effect,
            p_t=test.p,
            p_randomisation=float(randomised.alone[at]),
            holm_t=float(adjusted_t),
            holm_randomisation=float(holm_randomisation[at]),
            p_tukey=float(randomised.family[at]),
            significant=bool(deciding[at] <= 1.0 - level),
            wins=int(np.count_nonzero(row > 0.0)),
            ties=int(np.count_nonzero(row == 0.0)),
            losses=int(np.count_nonzero(row < 0.0)),
            detectable=detectable_difference(test.deviation, paired.n, level=level),
            queries_needed=queries_needed(test.mean, test.deviation, level=level),
        )
        for at, (first, second, row, test, adjusted_t) in enumerate(
            zip(paired.first, paired.second, differences, t_tests, holm(p_t), strict=True)
        )
    )
