"""Online Elo: by hand, against evalica, and how the order matters."""

from __future__ import annotations

import evalica
import numpy as np
import pytest

from core.ratings.elo import online_elo
from core.ratings.outcomes import Outcomes, build
from tests.support.battle_logs import at_random, from_counts

WINNERS = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}


def two(shares: list[float]) -> Outcomes:
    n = len(shares)
    return build(left=["A"] * n, right=["B"] * n, share=shares, voter=["v"] * n, query=["q"] * n)


def test_two_battles_by_hand() -> None:
    """A win of equals is K / 2 = 16. Then 1016 against 984 expects 0.5460 of A, who loses K times that."""
    found = online_elo(two([1.0, 0.0]), k_factor=32.0)
    expected = 1 / (1 + 10 ** (-32 / 400))
    assert found.ratings == pytest.approx([1016 - 32 * expected, 984 + 32 * expected])
    assert found.ratings[0] < 1000


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_evalica(seed: int) -> None:
    outcomes = at_random(np.random.default_rng(seed), systems=6, votes=400)
    xs = [outcomes.systems[i] for i in outcomes.left]
    ys = [outcomes.systems[i] for i in outcomes.right]
    theirs = evalica.elo(xs, ys, [WINNERS[share] for share in outcomes.share.tolist()], k=4.0).scores
    assert online_elo(outcomes, orders=1).ratings == pytest.approx(theirs.loc[list(outcomes.systems)].to_numpy())


def test_a_weight_is_a_larger_step() -> None:
    heavy = online_elo(two([1.0]).weighted(np.array([2.5])), orders=3)
    assert heavy.ratings == pytest.approx([1005.0, 995.0])
    assert heavy.low == pytest.approx(heavy.ratings)


def test_spread_is_that_of_the_order() -> None:
    """Of one battle there is no other order; of many the log's own order lies in the spread, and seeds repeat it."""
    outcomes = at_random(np.random.default_rng(1), systems=4, votes=500)
    found = online_elo(outcomes)
    assert ((found.low < found.ratings) & (found.ratings < found.high)).mean() >= 0.75
    assert online_elo(outcomes).low.tolist() == found.low.tolist()
    assert online_elo(outcomes, seed=1).low.tolist() != found.low.tolist()
    sorted_last = online_elo(from_counts({("A", "B"): (40, 0, 40)}), k_factor=32.0)
    assert sorted_last.ratings[0] < sorted_last.low[0]


def test_shuffled_orders_of_a_long_log_play_its_end_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 battles of each system are enough: the spread is what all battles give."""
    outcomes = at_random(np.random.default_rng(2), systems=2, votes=4000)
    short = online_elo(outcomes, orders=400)
    monkeypatch.setattr("core.ratings.elo.REMEMBERED", 10_000)
    whole = online_elo(outcomes, orders=400)
    assert short.low == pytest.approx(whole.low, abs=6.0)
    assert short.high == pytest.approx(whole.high, abs=6.0)
