"""A board by every method: what it carries, and what it refuses to say."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.ratings.board import Board, Method, rate
from core.ratings.covariates import Design
from core.ratings.davidson import fit_davidson
from core.ratings.pairs import pair_table
from tests.support.battle_logs import at_random, from_counts

APART = {("A", "B"): (4, 1, 3), ("C", "D"): (5, 0, 2)}
UNBEATEN = {("A", "B"): (4, 0, 0), ("B", "C"): (3, 0, 2)}
TIES = {("A", "B"): (0, 4, 0), ("B", "C"): (0, 3, 0)}


@pytest.fixture(scope="module", params=list(Method))
def board(request: pytest.FixtureRequest) -> Board:
    outcomes = at_random(np.random.default_rng(2), systems=5, votes=900, voters=30)
    return rate(outcomes, method=request.param)


def test_every_method_carries_the_same(board: Board) -> None:
    assert board.ratings is not None
    assert board.ratings.shape == (5,)
    assert board.systems == board.pairs.systems
    assert (board.no_ratings, len(board.identifiability.components)) == ("", 1)
    assert (board.strengths is not None) == (board.method in (Method.BRADLEY_TERRY, Method.DAVIDSON))
    assert (board.intervals is None) == (board.method is Method.ELO) == bool(board.no_intervals)
    if board.low is not None and board.high is not None:
        assert ((board.low < board.ratings) & (board.ratings < board.high)).all()
    if board.method is Method.WIN_RATE:
        assert ((board.ratings > 0) & (board.ratings < 1)).all()
        assert board.scale.startswith("share of half wins")
    else:
        assert board.ratings.mean() == pytest.approx(1000.0)
        assert board.scale.startswith("400 points are a factor of ten")


def test_methods_name_what_they_estimate() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=3, votes=200, voters=12)
    words = {method: rate(outcomes, method=method).estimand for method in Method}
    assert "half-win" in words[Method.BRADLEY_TERRY]
    assert "ties modelled" in words[Method.DAVIDSON]
    assert "depends on the order" in words[Method.ELO]
    assert "mean over the opponents" in words[Method.WIN_RATE]


@pytest.mark.parametrize(
    ("counts", "refused"),
    [
        (APART, set(Method)),
        (TIES, set(Method)),
        (UNBEATEN, {Method.BRADLEY_TERRY, Method.DAVIDSON}),
        ({("A", "B"): (1, 1, 0)}, {Method.DAVIDSON}),
    ],
    ids=["never met", "only ties", "unbeaten", "too many ties for Davidson"],
)
def test_what_is_not_known_is_not_said(
    counts: dict[tuple[str, str], tuple[int, int, int]], refused: set[Method]
) -> None:
    for method in Method:
        found = rate(from_counts(counts), method=method)
        if counts == {("A", "B"): (1, 1, 0)} and method is Method.BRADLEY_TERRY:
            assert found.ratings is not None
        assert (found.ratings is None) == (method in refused), method
        assert bool(found.no_ratings) == (method in refused)
        assert found.intervals is None or method not in refused


def test_nobody_and_one_system_have_no_board() -> None:
    for outcomes in (from_counts({}), from_counts({("A", "B"): (3, 1, 2)}).only(["A"])):
        for method in Method:
            found = rate(outcomes, method=method)
            assert found.ratings is None
            assert found.no_ratings


def test_davidson_says_what_its_ties_mean() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=3, votes=200, voters=12)
    even = fit_davidson(pair_table(outcomes)).even_tie
    assert f"tie in {100 * even:.0f} %" in rate(outcomes, method=Method.DAVIDSON).notes[0]
    none = rate(at_random(np.random.default_rng(2), systems=3, votes=200, ties=0.0), method=Method.DAVIDSON)
    assert "are Bradley-Terry's" in none.notes[0]


def test_covariates_show_their_effect_and_what_they_change() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=4, votes=400, voters=20)
    side = Design(names=("side",), values=np.ones((400, 1)))
    found, without = rate(outcomes, covariates=side), rate(outcomes)
    assert [effect.name for effect in found.effects] == ["side"]
    assert found.effects[0].low < found.effects[0].points < found.effects[0].high
    assert found.unadjusted == pytest.approx(without.ratings)
    assert found.estimand.endswith("alike in side")
    assert (found.fit, without.fit is without.model) == (None, True)
    none = Design(names=(), values=np.empty((400, 0)))
    assert rate(outcomes, covariates=none).ratings == pytest.approx(without.ratings)
    with pytest.raises(InvalidInputError, match="Covariates need the method bt, not elo"):
        rate(outcomes, method=Method.ELO, covariates=side)
    useless = rate(outcomes, covariates=Design(names=("side",), values=np.zeros((400, 1))))
    assert (useless.ratings, "not identifiable" in useless.no_ratings) == (None, True)


def test_one_voter_and_one_query_give_ratings_without_intervals() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=3, votes=60, voters=1, queries=1)
    for method in (Method.BRADLEY_TERRY, Method.DAVIDSON, Method.WIN_RATE):
        found = rate(outcomes, method=method)
        assert found.ratings is not None
        assert (found.intervals, found.no_intervals[:11]) == (None, "No interval")
    covariates = Design(names=("side",), values=np.ones((60, 1)))
    found = rate(outcomes, covariates=covariates)
    assert (found.intervals, found.effects[0].low, found.effects[0].high) == (None, None, None)
