"""Rank sets by hand, against Tukey's distribution, step-down, and their coverage when all systems are equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm, studentized_range

from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.contrast_errors import ContrastErrors
from core.ratings.intervals import ClusterBy
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.rank_sets import rank_sets, rank_sets_of
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def independent(strengths: list[float], degrees: float = np.inf) -> ContrastErrors:
    """Strengths with independent errors of variance 1/2, so that every difference has error 1."""
    k, values = len(strengths), np.array(strengths)
    return ContrastErrors(
        systems=names("s", k),
        difference=values[:, None] - values[None, :],
        error=1.0 - np.eye(k),
        degrees=np.full((k, k), degrees),
        covariance=0.5 * np.eye(k),
        by=ClusterBy.BOTH,
    )


@pytest.mark.parametrize("systems", [2, 4, 10])
def test_first_step_is_tukeys_range(systems: int) -> None:
    """The largest of |Z_i - Z_j| / sqrt(2) is the studentised range over sqrt(2), here at 96 %: 4 of 5 % are spent."""
    critical = rank_sets_of(independent([0.0] * systems), draws=40_000, seed=1).critical
    assert critical == pytest.approx(studentized_range.ppf(0.96, systems, np.inf) / 2**0.5, abs=0.03)


def test_few_clusters_ask_for_more() -> None:
    """Errors that are estimated apart spread the largest |t|: between Tukey's quantile and Bonferroni's."""
    critical = rank_sets_of(independent([0.0] * 5, degrees=4.0), draws=40_000, seed=1).critical
    assert studentized_range.ppf(0.96, 5, np.inf) / 2**0.5 < critical < norm.isf(0.02 / 10)


def test_a_clear_order_by_hand() -> None:
    found = rank_sets_of(independent([9.0, 0.0, 0.5, -9.0]))
    assert found.lowest.tolist() == [1, 2, 2, 4]
    assert found.highest.tolist() == [1, 3, 3, 4]
    assert found.separated.sum() == 5
    assert not (found.separated & found.separated.T).any()


def test_a_second_step_finds_what_the_first_leaves() -> None:
    """Four systems: 2.65 separates at first; with five of six pairs told apart 2.44 does (one side of each)."""
    far = independent([30.0, 20.0, 2.55, 0.0])
    single = rank_sets_of(independent([2.55, 0.0, 0.6, 1.2]), draws=40_000)
    stepped = rank_sets_of(far, draws=40_000)
    assert single.critical > 2.55 > stepped.critical
    assert not single.separated.any()
    assert stepped.separated[2, 3]


def test_one_cluster_tells_nothing() -> None:
    outcomes = from_counts({("A", "B"): (30, 0, 10)})
    alone = replace(outcomes, voters=("v",), voter=np.zeros(40, np.int64), queries=("q",), query=np.zeros(40, np.int64))
    found = rank_sets(alone, fitted(alone))
    assert (found.lowest.tolist(), found.highest.tolist()) == ([1, 1], [2, 2])


def test_votes_that_settle_two_systems() -> None:
    """Every vote a voter and a query of its own: 40 of 50 is beyond 2.05 errors, 28 of 50 is not."""
    clear, close = (from_counts({("A", "B"): (wins, 0, 50 - wins)}) for wins in (40, 28))
    assert rank_sets(clear, fitted(clear)).highest.tolist() == [1, 2]
    assert rank_sets(close, fitted(close)).highest.tolist() == [2, 2]
    assert rank_sets(close, fitted(close), draws=20_000).critical == pytest.approx(norm.isf(0.02), abs=0.04)


def test_a_seed_repeats_and_names_do_not_matter() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=6, votes=3000, voters=60, queries=40)
    turn = np.array([2, 0, 3, 1, 5, 4])
    renamed = replace(outcomes, left=turn[outcomes.left], right=turn[outcomes.right])
    first, again = rank_sets(outcomes, fitted(outcomes)), rank_sets(outcomes, fitted(outcomes))
    moved = rank_sets(renamed, fitted(renamed), draws=20_000)
    assert first.critical == again.critical
    assert first.separated.any()
    assert (moved.separated[np.ix_(turn, turn)] == rank_sets(outcomes, fitted(outcomes), draws=20_000).separated).all()
    assert first.by is ClusterBy.BOTH


def test_every_rank_set_holds_the_rank_on_the_board() -> None:
    for seed in range(20):
        outcomes = at_random(np.random.default_rng(seed), systems=7, votes=1500, voters=30, queries=20)
        fit = fitted(outcomes)
        found = rank_sets(outcomes, fit)
        rank = 1 + (fit.strengths[None, :] > fit.strengths[:, None]).sum(axis=1)
        assert (found.lowest <= rank).all()
        assert (rank <= found.highest).all()


@pytest.mark.parametrize(("voters", "queries"), [(14, 30), (5, 20)])
def test_equal_systems_are_rarely_told_apart(voters: int, queries: int) -> None:
    """With all equal any claim is wrong: at most 5 % of 200 logs, and 2.5 standard errors for chance."""
    wrong = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        outcomes = at_random(rng, systems=5, votes=400, voters=voters, queries=queries)
        taste, difficulty = 0.5 * rng.normal(size=(voters, 5)), 0.3 * rng.normal(size=(queries, 5))
        seen = taste[outcomes.voter] + difficulty[outcomes.query]
        rows = np.arange(400)
        chance = 1.0 / (1.0 + np.exp(seen[rows, outcomes.right] - seen[rows, outcomes.left]))
        voted = replace(outcomes, share=(rng.random(400) < chance).astype(float))
        if voters < 10:  # the claim is about these voters: their own mean taste is the truth
            voted = replace(outcomes, share=(rng.random(400) < _of_queries(difficulty, outcomes)).astype(float))
        wrong += bool(rank_sets(voted, fitted(voted), draws=400).separated.any())
    assert wrong / 200 < 0.05 + 2.5 * (0.05 * 0.95 / 200) ** 0.5


def _of_queries(difficulty: np.ndarray, outcomes: Outcomes) -> np.ndarray:
    left, right = difficulty[outcomes.query, outcomes.left], difficulty[outcomes.query, outcomes.right]
    return np.asarray(1.0 / (1.0 + np.exp(right - left)))
