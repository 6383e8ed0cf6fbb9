"""Online Elo: ratings that move after every battle, and so depend on the order of the battles.

Both start at 1000; with expected share E = 1 / (1 + 10^((R_right - R_left) / 400)) the left side gains K (share - E)
and the right side loses as much (Elo 1978). It estimates nothing that stays: the last battles count most. So there is
no interval; what is shown instead is how far the ratings move when the same battles come in another order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.ratings.bradley_terry import MEAN_RATING, POINTS
from core.ratings.outcomes import Floats, Outcomes

K_FACTOR = 4.0
ORDERS = 100
REMEMBERED = 600  # battles of a system: seven times what it takes to forget all but 1 / e at K = 4
_CHUNK = 1_000
_LOGIT = 1.0 / POINTS
ESTIMAND = "online Elo, which depends on the order of the votes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Elo:
    """``ratings``: (k,) points, mean 1000, after the battles in the order of the log.

    ``low``, ``high``: (k,) between which 95 % of ``orders`` shuffled orders end. That is the spread of the order, not
    an interval of anything.
    """

    systems: tuple[str, ...]
    ratings: Floats
    low: Floats
    high: Floats
    orders: int
    k_factor: float
    estimand: str = ESTIMAND


def online_elo(outcomes: Outcomes, *, k_factor: float = K_FACTOR, orders: int = ORDERS, seed: int = 0) -> Elo:
    """Elo of the log's order and the spread over shuffled orders.

    A shuffled order ends with some random outcomes; of very many the last 600 for each system are played alone, since
    what came before them is forgotten by the end.
    """
    ended = shuffled(outcomes, k_factor=k_factor, orders=orders, seed=seed)
    low, high = np.quantile(ended, [0.025, 0.975], axis=0)
    return Elo(
        systems=outcomes.systems,
        ratings=_in_order(outcomes, k_factor),
        low=low,
        high=high,
        orders=orders,
        k_factor=k_factor,
    )


def _in_order(outcomes: Outcomes, k_factor: float) -> Floats:
    ratings = [MEAN_RATING] * len(outcomes.systems)
    gains = (k_factor * outcomes.weight).tolist()
    for left, right, share, gain in zip(
        outcomes.left.tolist(), outcomes.right.tolist(), outcomes.share.tolist(), gains, strict=True
    ):
        moved = gain * (share - 1.0 / (1.0 + math.exp(_LOGIT * (ratings[right] - ratings[left]))))
        ratings[left] += moved
        ratings[right] -= moved
    return np.array(ratings)


def shuffled(outcomes: Outcomes, *, k_factor: float, orders: int, seed: int) -> Floats:
    """(orders, k) ratings after ``orders`` random orders, played side by side."""
    rng = np.random.default_rng(seed)
    k, n = len(outcomes.systems), len(outcomes)
    steps = min(n, REMEMBERED * k)
    played = np.empty((steps, orders), dtype=np.int64)
    for lane in range(orders):
        played[:, lane] = rng.choice(n, steps, replace=False)
    ratings, lanes = np.full(orders * k, MEAN_RATING), k * np.arange(orders)
    for first in range(0, steps, _CHUNK):
        rows = played[first : first + _CHUNK]
        columns = (lanes + outcomes.left[rows], lanes + outcomes.right[rows])
        gains = k_factor * outcomes.weight[rows]
        for left, right, share, gain in zip(*columns, outcomes.share[rows], gains, strict=True):
            moved = gain * (share - 1.0 / (1.0 + np.exp(_LOGIT * (ratings[right] - ratings[left]))))
            ratings[left] += moved
            ratings[right] -= moved
    return ratings.reshape(orders, k)
