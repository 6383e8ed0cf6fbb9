"""How many more votes: against logs that really have so many more."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.domain.errors import UnknownNameError
from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.votes_needed import LARGEST, Needed, NotKnown, VotesNeeded, rounded_up, votes_needed
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def needed(outcomes: Outcomes, **more: object) -> VotesNeeded:
    found = votes_needed(outcomes, fitted(outcomes), **more)  # type: ignore[arg-type]  # options by name
    assert isinstance(found, VotesNeeded)
    return found


def of_more_people(outcomes: Outcomes, times: int) -> Outcomes:
    """The log again and again, each time of other voters and other queries."""
    voters, queries = len(outcomes.voters), len(outcomes.queries)
    turn = np.repeat(np.arange(times), len(outcomes))
    return Outcomes(
        systems=outcomes.systems,
        left=np.tile(outcomes.left, times),
        right=np.tile(outcomes.right, times),
        share=np.tile(outcomes.share, times),
        voters=names("v", voters * times),
        voter=np.tile(outcomes.voter, times) + voters * turn,
        queries=names("q", queries * times),
        query=np.tile(outcomes.query, times) + queries * turn,
    )


@pytest.mark.parametrize(
    ("count", "rounded"),
    [
        (0.0, 0),
        (0.2, 1),
        (99.0, 99),
        (100.5, 110),
        (1234.0, 1300),
        (1_000_000.0, 1_000_000),
        (1_000_001.0, LARGEST + 1),
    ],
)
def test_rounding_is_upward_to_two_digits(count: float, rounded: int) -> None:
    assert rounded_up(count) == rounded
    assert rounded_up(math.inf) == LARGEST + 1


def test_by_hand_with_many_clusters() -> None:
    """520 of 1,000 single votes: t^2 = n d^2 p q (n - 1) / n; to be 1.96^2 takes that many times as many."""
    outcomes = from_counts({("A", "B"): (520, 0, 480)})
    found = needed(outcomes)
    t_square = math.log(520 / 480) ** 2 * 1000 * 0.52 * 0.48 * 0.999
    assert found.mixed.even == rounded_up((1.959964**2 / t_square - 1) * 1000)
    assert found.mixed.likely == rounded_up(((1.959964 + 0.841621) ** 2 / t_square - 1) * 1000)
    assert found.direct == found.mixed  # there is no other pair
    assert (found.first, found.second, found.settled) == ("A", "B", False)
    assert found.design_effect == pytest.approx(1000 / 999)


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_so_many_votes_settle_it(seed: int) -> None:
    """Five sixths of the votes asked for do not settle it, seven sixths do."""
    outcomes = at_random(np.random.default_rng(seed), systems=5, votes=400, voters=16, queries=14)
    found = needed(outcomes)
    assert not found.settled
    assert found.mixed.even < LARGEST
    times = 1 + found.mixed.even / len(outcomes)
    fewer, more = math.floor(times * 5 / 6), math.ceil(times * 7 / 6)
    assert fewer < more
    assert not needed(of_more_people(outcomes, max(1, fewer))).settled
    assert needed(of_more_people(outcomes, more)).settled


def test_battles_of_the_two_are_worth_more() -> None:
    """Adding the direct battles asked for, of new voters at the model's rate, just settles it."""
    rng = np.random.default_rng(10)
    outcomes = at_random(rng, systems=8, votes=800, voters=800, queries=800)
    outcomes = replace(outcomes, voter=np.arange(800), query=np.arange(800))
    fit = fitted(outcomes)
    found = needed(outcomes)
    assert not found.settled
    assert found.direct.even < 0.6 * found.mixed.even
    first, second = outcomes.systems.index(found.first), outcomes.systems.index(found.second)
    chance = 1 / (1 + math.exp(fit.strengths[second] - fit.strengths[first]))
    settled = {}
    for part in (0.8, 1.25):
        count = round(part * found.direct.even)
        wins = round(chance * count)
        share = np.concatenate([np.ones(wins), np.zeros(count - wins)])
        joined = Outcomes(
            systems=outcomes.systems,
            left=np.concatenate([outcomes.left, np.full(count, first)]),
            right=np.concatenate([outcomes.right, np.full(count, second)]),
            share=np.concatenate([outcomes.share, share]),
            voters=names("v", 800 + count),
            voter=np.arange(800 + count),
            queries=names("q", 800 + count),
            query=np.arange(800 + count),
        )
        settled[part] = needed(joined, pair=(found.first, found.second)).settled
    assert settled == {0.8: False, 1.25: True}


def test_to_be_told_apart_on_the_board_takes_more() -> None:
    outcomes = at_random(np.random.default_rng(3), systems=6, votes=500, voters=30, queries=20)
    alone, board = needed(outcomes), needed(outcomes, critical=3.0)
    assert board.mixed.even > alone.mixed.even
    assert board.level == pytest.approx(0.9973, abs=1e-4)


def test_settled_needs_none() -> None:
    outcomes = from_counts({("A", "B"): (80, 0, 20)})
    found = needed(outcomes, pair=("B", "A"))
    assert (found.first, found.settled, found.mixed, found.direct) == ("A", True, Needed(even=0, likely=0), found.mixed)


def test_level_systems_take_more_than_a_million() -> None:
    found = needed(from_counts({("A", "B"): (20, 10, 20)}))
    assert found.mixed == Needed(even=LARGEST + 1, likely=LARGEST + 1)


def test_what_cannot_be_known_has_a_reason() -> None:
    outcomes = from_counts({("A", "B"): (3, 0, 0)})
    assert votes_needed(outcomes, None) == NotKnown(reason="These votes do not yet put all systems on one scale.")
    level = from_counts({("A", "B"): (3, 0, 1)})
    alone = replace(level, voter=np.zeros(4, np.int64), query=np.zeros(4, np.int64))
    found = votes_needed(alone, fitted(alone))
    assert isinstance(found, NotKnown)
    assert found.reason == "One query says nothing of how much others would differ."
    with pytest.raises(UnknownNameError):
        votes_needed(level, fitted(level), pair=("A", "X"))
