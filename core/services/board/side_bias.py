"""How often the left side wins: sides are drawn at random, so anything but a half is a habit of the voters.

The share of left wins among decided side-by-side comparisons. From ten voters on the interval is of voters (a ratio
of sums over voters, Cochran 1977, Sampling Techniques, 6.5); under ten it is Wilson's, of these votes.
"""

from __future__ import annotations

import math

import numpy as np

from core.domain.student import two_sided_quantile
from core.domain.wilson import wilson
from core.ratings.intervals import FEWEST_VOTERS
from core.ratings.outcomes import Outcomes
from core.services.board.boards import Side


def side_bias(outcomes: Outcomes) -> Side | None:
    """None without a decided side-by-side comparison."""
    chosen = (outcomes.slot == 1) & (outcomes.share != 0.5)
    decided = int(chosen.sum())
    if not decided:
        return None
    left = outcomes.share[chosen]
    share = float(left.mean())
    voters, position = np.unique(outcomes.voter[chosen], return_inverse=True)
    groups = len(voters)
    if groups < FEWEST_VOTERS:
        low, high = wilson(share, decided)
    else:
        parts = np.bincount(position, weights=left - share, minlength=groups)
        error = math.sqrt(float((parts**2).sum()) * groups / (groups - 1)) / decided
        reach = two_sided_quantile(0.95, groups - 1.0) * error
        low, high = max(0.0, share - reach), min(1.0, share + reach)
    return Side(share=share, low=low, high=high, decided=decided)
