"""Whether fewer judgments would have led to the same decisions.

A share of all judgments is drawn at random, the others count as unjudged, and the systems are compared again over the
queries that keep a judgment.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from core.measures.significance.agreement import SignificanceAgreement, significance_agreement
from core.measures.significance.findings import Significance
from core.services.benchmarks.corrections import significance
from core.services.benchmarks.label_samples import LabelSamples
from core.services.benchmarks.views import LowCost

SHARES = (0.1, 0.25, 0.5, 0.75)
DRAWS, SLOW_DRAWS = 20, 2  # of the judgments; slow where every draw is evaluated by the reference library
PERMUTATIONS = 1_000  # of each comparison, raised by ``compare`` where there are many pairs


def low_cost(samples: LabelSamples, names: Sequence[str], seed: int = 0) -> tuple[LowCost, ...]:
    """Of two or more systems (in the order of ``samples``); empty without judgments."""
    if len(names) < 2 or not samples.judgments:
        return ()
    everything = samples.values(np.ones(samples.judgments, dtype=bool))
    full = significance(names, everything, draws=PERMUTATIONS)
    return tuple(_of_share(samples, full, share, np.random.default_rng([seed, at])) for at, share in enumerate(SHARES))


def _of_share(samples: LabelSamples, full: Significance, share: float, rng: np.random.Generator) -> LowCost:
    size = max(1, round(share * samples.judgments))
    draws = DRAWS if samples.fast else SLOW_DRAWS
    found: list[SignificanceAgreement] = []
    for _ in range(draws):
        kept = np.zeros(samples.judgments, dtype=bool)
        kept[rng.choice(samples.judgments, size=size, replace=False)] = True
        reduced = significance(full.names, samples.values(kept), draws=PERMUTATIONS)
        found.append(significance_agreement(full, reduced))
    taus = [one.tau for one in found if one.tau is not None]
    real, called = sum(one.full for one in found), sum(one.reduced for one in found)
    return LowCost(
        share=share,
        draws=draws,
        tau=fmean(taus) if taus else None,
        found=sum(one.found for one in found) / real if real else None,
        reversed=sum(one.reversed for one in found) / real if real else None,
        unconfirmed=sum(one.unconfirmed for one in found) / called if called else None,
    )
