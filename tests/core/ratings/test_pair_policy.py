"""Probabilities of pairs: what is allowed, the uniform part, the fair start, and where the decision looks."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.ratings.pair_policy import (
    START_BATTLES,
    START_SHARE,
    UNIFORM_SHARE,
    Target,
    contrast_probabilities,
    fewest_probabilities,
    uniform_probabilities,
)
from core.ratings.pairs import PairTable
from tests.support.battle_logs import names


def everybody(k: int) -> np.ndarray:
    return ~np.eye(k, dtype=np.bool_)


def board(strengths: list[float], battles: int) -> PairTable:
    """Every pair with ``battles``, won as the strengths say."""
    values = np.array(strengths)
    wins = np.rint(battles / (1 + np.exp(values[None, :] - values[:, None]))).astype(np.int64)
    np.fill_diagonal(wins, 0)
    return PairTable(systems=names("s", len(strengths)), wins=wins, ties=np.zeros_like(wins))


def checked(probabilities: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    assert probabilities == pytest.approx(probabilities.T)
    assert np.triu(probabilities, 1).sum() == pytest.approx(1.0)
    assert (probabilities[~allowed] == 0.0).all()
    assert (probabilities >= 0.0).all()
    return probabilities


def test_uniform() -> None:
    allowed = everybody(4)
    allowed[0, 1] = allowed[1, 0] = False
    found = checked(uniform_probabilities(allowed), allowed)
    assert found[0, 2] == pytest.approx(1 / 5)


def test_fewest_first() -> None:
    met = np.array([[0, 3, 1, 1], [3, 0, 0, 2], [1, 0, 0, 5], [1, 2, 5, 0]])
    allowed = everybody(4)
    assert checked(fewest_probabilities(met, allowed), allowed)[1, 2] == 1.0
    allowed[1, 2] = allowed[2, 1] = False
    found = checked(fewest_probabilities(met, allowed), allowed)
    assert found[0, 2] == found[0, 3] == 0.5


def test_a_pair_allowed_one_way_only_is_not_allowed() -> None:
    allowed = everybody(3)
    allowed[0, 1] = False
    assert uniform_probabilities(allowed)[1, 0] == 0.0


@pytest.mark.parametrize("k", [1, 3])
def test_no_allowed_pair(k: int) -> None:
    with pytest.raises(InvalidInputError, match="No pair"):
        uniform_probabilities(np.zeros((k, k), dtype=np.bool_))


def test_the_two_leaders_of_a_known_order_meet() -> None:
    pairs, allowed = board([2.0, 1.8, 0.0, -1.0, -2.0], 300), everybody(5)
    found = checked(contrast_probabilities(pairs, allowed, np.random.default_rng(1)), allowed)
    assert found[0, 1] == pytest.approx(1 - UNIFORM_SHARE + UNIFORM_SHARE / 10)
    assert found[2, 4] == pytest.approx(UNIFORM_SHARE / 10)


def test_third_and_fourth_decide_the_top_three() -> None:
    pairs, allowed = board([3.0, 1.5, 0.1, 0.0, -2.0], 300), everybody(5)
    found = contrast_probabilities(pairs, allowed, np.random.default_rng(1), target=Target.TOP_THREE)
    assert found[2, 3] == pytest.approx(1 - UNIFORM_SHARE + UNIFORM_SHARE / 10)
    three = board([1.0, 0.5, 0.0], 300)
    few = contrast_probabilities(three, everybody(3), np.random.default_rng(1), target=Target.TOP_THREE)
    assert few[0, 1] > 0.5  # three systems have no fourth place: first against second


def test_where_the_leaders_may_not_meet_their_common_rivals_help() -> None:
    """0 and 1 may not be shown: battles of each with a third are the next best, the weakest ones' tell little."""
    pairs, allowed = board([2.0, 1.8, 1.5, -3.0, -3.0], 300), everybody(5)
    allowed[0, 1] = allowed[1, 0] = False
    found = checked(contrast_probabilities(pairs, allowed, np.random.default_rng(1)), allowed)
    assert found[0, 2] + found[1, 2] > 0.8


def test_near_leaders_share_the_battles() -> None:
    """Four systems level at the top: every pair of them is drawn, the rest only uniformly."""
    pairs, allowed = board([1.0, 1.0, 1.0, 1.0, -1.0, -1.0], 40), everybody(6)
    found = contrast_probabilities(pairs, allowed, np.random.default_rng(1), draws=2000)
    top = found[:4, :4][np.triu_indices(4, 1)]
    assert (top > 0.08).all()
    assert top.sum() > 1 - UNIFORM_SHARE
    assert (found >= UNIFORM_SHARE / 15 - 1e-12)[allowed].all()


def test_a_larger_design_effect_draws_leaders_more_widely() -> None:
    pairs, allowed = board([1.0, 0.6, 0.3, 0.0], 60), everybody(4)
    narrow = contrast_probabilities(pairs, allowed, np.random.default_rng(1), draws=2000)
    wide = contrast_probabilities(pairs, allowed, np.random.default_rng(1), draws=2000, design_effect=20.0)
    assert wide[0, 1] < narrow[0, 1]
    assert wide[2, 3] > narrow[2, 3]


def test_a_new_system_has_a_fair_start() -> None:
    """Three tenths of all battles go to it until it has met ten times."""
    pairs, allowed = board([2.0, 1.8, 0.0, -1.0], 300), everybody(5)
    wins = np.zeros((5, 5), dtype=np.int64)
    wins[:4, :4] = pairs.wins
    for met, fresh in ((0, True), (START_BATTLES - 1, True), (START_BATTLES, False)):
        wins[3, 4] = met
        table = PairTable(systems=names("s", 5), wins=wins, ties=np.zeros_like(wins))
        found = checked(contrast_probabilities(table, allowed, np.random.default_rng(1)), allowed)
        least = START_SHARE + UNIFORM_SHARE * 0.4 if fresh else UNIFORM_SHARE * 0.4
        assert found[4].sum() >= least - 1e-9
    assert found[4].sum() < START_SHARE


def test_before_the_first_vote_every_pair_is_drawn() -> None:
    nothing = PairTable(systems=names("s", 4), wins=np.zeros((4, 4), np.int64), ties=np.zeros((4, 4), np.int64))
    allowed = everybody(4)
    found = checked(contrast_probabilities(nothing, allowed, np.random.default_rng(1), draws=4000), allowed)
    assert found[np.triu_indices(4, 1)] == pytest.approx(np.full(6, 1 / 6), abs=0.03)


def test_a_seed_repeats() -> None:
    pairs, allowed = board([1.0, 0.9, 0.8, 0.0], 30), everybody(4)
    first, second = (contrast_probabilities(pairs, allowed, np.random.default_rng(5)) for _ in range(2))
    assert (first == second).all()
