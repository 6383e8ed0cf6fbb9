"""Variances by hand, against dense definitions, under duplication, and their coverage in small simulations."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power

from benchmarks.statistics.worlds import World, even_strengths, half_win_truth, vote_log
from core.ratings.board import rate
from core.ratings.bradley_terry import POINTS, BradleyTerry, fit_bradley_terry
from core.ratings.intervals import ClusterBy, rating_intervals, suitable_clusters
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.sandwich import TooFewClustersError, clustered, influences, numbered
from tests.support.battle_logs import at_random, from_counts


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def repeated(outcomes: Outcomes, times: int) -> Outcomes:
    """Every time with new votes."""
    columns = {name: np.tile(getattr(outcomes, name), times) for name in ("left", "right", "share", "voter", "query")}
    n = times * len(outcomes)
    return replace(outcomes, **columns, vote=np.arange(n), weight=np.ones(n), slot=np.ones(n, dtype=np.int64))


def test_plain_error_of_two_systems_by_hand() -> None:
    """Eight wins of ten: the log odds have variance 1 / (n p q) = 1 / 1.6, each strength is half of them."""
    outcomes = from_counts({("A", "B"): (8, 0, 2)})
    found = rating_intervals(outcomes, fitted(outcomes), by=ClusterBy.VOTE)
    assert found.standard_error == pytest.approx([POINTS * 0.5 / math.sqrt(1.6)] * 2)
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.959964 * found.standard_error[0], rel=1e-6)
    assert found.scope == "for these voters and queries"


def test_ties_lower_the_plain_error_by_hand() -> None:
    """6 wins, 4 ties: p = 0.8; squares 6 * 0.04 + 4 * 0.09 = 0.6 over (n p q)^2 = 2.56."""
    outcomes = from_counts({("A", "B"): (6, 4, 0)})
    found = rating_intervals(outcomes, fitted(outcomes), by=ClusterBy.VOTE)
    assert found.standard_error[0] == pytest.approx(POINTS * 0.5 * math.sqrt(0.6 / 2.56))


def test_two_clusters_by_hand() -> None:
    """Two queries of five votes, 4 and 2 wins of A: p = 0.6, leverage 1/2 each, so CR2 doubles the squares.

    Scores are 1 and -1, n p q = 2.4: variance of the log odds 2 * (1 + 1) / 2.4^2. One degree of freedom.
    """
    outcomes = from_counts({("A", "B"): (6, 0, 4)})
    queries = np.array([0] * 4 + [1] * 2 + [0] + [1] * 3)
    found = rating_intervals(replace(outcomes, query=queries), fitted(outcomes), by=ClusterBy.QUERY)
    assert found.standard_error[0] == pytest.approx(POINTS * 0.5 * math.sqrt(4 / 2.4**2))
    assert found.degrees == pytest.approx([1.0, 1.0])
    assert found.high[0] - fitted(outcomes).ratings[0] == pytest.approx(12.7062047 * found.standard_error[0], rel=1e-6)


def dense_cr2(outcomes: Outcomes, fit: BradleyTerry, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """CR2 and Bell-McCaffrey from their definitions: one row per vote, explicit projections, matrix powers."""
    n, k = len(outcomes), len(fit.systems)
    basis = np.linalg.svd(np.eye(k) - 1 / k)[0][:, : k - 1]
    x = (np.eye(k)[outcomes.left] - np.eye(k)[outcomes.right]) @ basis
    p = 1 / (1 + np.exp(-(x @ basis.T @ fit.strengths)))
    v = p * (1 - p)
    bread = np.linalg.inv(x.T @ (v[:, None] * x))
    hat = x @ bread @ (x.T * v)
    keep = np.eye(n) - hat.T  # residuals (as score contributions) are keep @ (share - truth)
    covariance = keep @ np.diag(v) @ keep.T
    rows = []
    for group in np.unique(cluster):
        inside = np.flatnonzero(cluster == group)
        adjust = fractional_matrix_power(keep[np.ix_(inside, inside)], -0.5)
        row = np.zeros((k, n))
        row[:, inside] = np.real(basis @ bread @ x[inside].T @ adjust)
        rows.append(row)
    parts = np.array([row @ (outcomes.share - p) for row in rows])
    degrees = []
    for i in range(k):
        a = np.array([row[i] for row in rows])
        omega = a @ covariance @ a.T
        degrees.append(np.trace(omega) ** 2 / np.trace(omega @ omega))
    return (parts**2).sum(axis=0), np.array(degrees)


@pytest.mark.parametrize("seed", range(6))
def test_cr2_agrees_with_its_dense_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcomes = at_random(rng, systems=4, votes=90)
    outcomes = replace(outcomes, query=rng.choice(8, p=np.arange(1, 9) / 36, size=90))
    fit = fitted(outcomes)
    found = clustered(outcomes, fit, outcomes.query, kind="queries")
    values, degrees = dense_cr2(outcomes, fit, outcomes.query)
    assert found.method.startswith("CR2")
    assert found.values == pytest.approx(values, rel=1e-6)
    assert found.degrees == pytest.approx(degrees, rel=1e-6)
    assert (found.degrees < found.clusters).all()


def test_cr1_above_300_clusters_is_close_to_cr2_and_small_and_large_tables_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = at_random(np.random.default_rng(5), systems=5, votes=6000, voters=400)
    fit = fitted(outcomes)
    cr1 = clustered(outcomes, fit, outcomes.voter, kind="voters")
    assert cr1.method == "CR1"
    assert ((cr1.degrees > 250) & (cr1.degrees < 399)).all()
    for module in ("sandwich", "cluster_parts"):
        monkeypatch.setattr(f"core.ratings.{module}.LARGEST_TABLE", 0)
    assert clustered(outcomes, fit, outcomes.voter, kind="voters").values == pytest.approx(cr1.values, rel=1e-12)
    monkeypatch.setattr("core.ratings.sandwich.LARGEST_CR2", 1000)
    assert clustered(outcomes, fit, outcomes.voter, kind="voters").values == pytest.approx(cr1.values, rel=0.02)


def test_cr1_allows_for_clusters_of_unequal_size_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three voters with 8, 4 and 4 votes: effectively 16^2 / (64 + 16 + 16) = 8/3, so times 8/5, 5/3 degrees.

    A wins 6, 1 and 1 of them, half in all: scores 2, -1, -1, n p q = 4, variance of the log odds 6 / 16 * 8 / 5.
    """
    monkeypatch.setattr("core.ratings.sandwich.LARGEST_CR2", 0)
    outcomes = from_counts({("A", "B"): (8, 0, 8)})
    voters = np.array([0] * 6 + [1, 2] + [0] * 2 + [1] * 3 + [2] * 3)
    outcomes = replace(outcomes, voter=voters)
    found = rating_intervals(outcomes, fitted(outcomes), by=ClusterBy.VOTER)
    assert found.degrees == pytest.approx([5 / 3, 5 / 3])
    assert found.standard_error == pytest.approx([POINTS * 0.5 * math.sqrt(6 / 16 * 8 / 5)] * 2)


@pytest.mark.parametrize("largest", [300, 0], ids=["CR2", "CR1"])
def test_a_system_that_one_voter_alone_met_has_no_interval(monkeypatch: pytest.MonkeyPatch, largest: int) -> None:
    monkeypatch.setattr("core.ratings.sandwich.LARGEST_CR2", largest)
    outcomes = at_random(np.random.default_rng(4), systems=6, votes=900, voters=12)
    new = (outcomes.left == 5) | (outcomes.right == 5)
    outcomes = outcomes.where(~new | (outcomes.voter == 3))
    found = rating_intervals(outcomes, fitted(outcomes), by=ClusterBy.VOTER)
    assert np.isinf(found.standard_error).tolist() == [False] * 5 + [True]
    assert found.ends(5) == (None, None)
    assert found.ends(0) == (found.low[0], found.high[0])


def test_outcomes_of_one_vote_are_one_cluster_of_the_plain_interval() -> None:
    """Six outcomes a vote; the sum over votes of squared influences, written out."""
    outcomes = replace(at_random(np.random.default_rng(9), systems=4, votes=600), vote=np.arange(600) // 6)
    fit = fitted(outcomes)
    found = rating_intervals(outcomes, fit, by=ClusterBy.VOTE)
    by_vote = influences(outcomes, fit, outcomes.vote, 100)
    assert found.standard_error == pytest.approx(POINTS * np.sqrt((by_vote**2).sum(axis=0)))
    alone = rating_intervals(replace(outcomes, vote=np.arange(600)), fit, by=ClusterBy.VOTE)
    assert alone.standard_error != pytest.approx(found.standard_error, rel=1e-3)


def test_weights_scale_scores_and_information() -> None:
    """All weights 2: the same clustered variance. Unequal weights: the sandwich written out."""
    outcomes = at_random(np.random.default_rng(10), systems=4, votes=500, voters=400)
    doubled = outcomes.weighted(np.full(500, 2.0))
    for by in (ClusterBy.VOTE, ClusterBy.VOTER, ClusterBy.QUERY):
        once = rating_intervals(outcomes, fitted(outcomes), by=by).standard_error
        assert rating_intervals(doubled, fitted(doubled), by=by).standard_error == pytest.approx(once)
    weighted = outcomes.weighted(np.random.default_rng(1).uniform(0.5, 2.0, size=500))
    fit = fitted(weighted)
    x = np.eye(4)[weighted.left] - np.eye(4)[weighted.right]
    p = 1 / (1 + np.exp(-x @ fit.strengths))
    bread = np.linalg.pinv(x.T @ ((weighted.weight * p * (1 - p))[:, None] * x))
    parts = (weighted.weight * (weighted.share - p))[:, None] * x @ bread
    plain = rating_intervals(weighted, fit, by=ClusterBy.VOTE)
    assert plain.standard_error == pytest.approx(POINTS * np.sqrt((parts**2).sum(axis=0)))


@pytest.mark.parametrize("times", [2, 5])
def test_repeated_log(times: int) -> None:
    """The same votes again: errors per vote shrink by the root, clustered ones do not change."""
    once = at_random(np.random.default_rng(3), systems=5, votes=400, voters=20, queries=15)
    again = repeated(once, times)
    assert fitted(again).ratings == pytest.approx(fitted(once).ratings, abs=1e-6)

    def error(outcomes: Outcomes, by: ClusterBy) -> np.ndarray:
        return rating_intervals(outcomes, fitted(outcomes), by=by).standard_error

    ratio = error(once, ClusterBy.VOTE) / error(again, ClusterBy.VOTE)
    assert ratio == pytest.approx([math.sqrt(times)] * 5, rel=1e-6)
    for by in (ClusterBy.VOTER, ClusterBy.QUERY):
        assert error(again, by) == pytest.approx(error(once, by), rel=1e-6)


def test_numbered_keeps_the_order_of_any_integers() -> None:
    for cluster in ([5, 3, 3, 9], [10**12, -7, -7, 10**15], [0], []):
        position, groups = numbered(np.array(cluster, dtype=np.int64))
        assert position.tolist() == [sorted(set(cluster)).index(c) for c in cluster]
        assert groups == len(set(cluster))


def test_clusters_that_suit() -> None:
    rng = np.random.default_rng(1)
    assert suitable_clusters(at_random(rng, systems=3, votes=200, voters=9)) is ClusterBy.QUERY
    assert suitable_clusters(at_random(rng, systems=3, votes=200, voters=10)) is ClusterBy.BOTH
    assert suitable_clusters(at_random(rng, systems=3, votes=200, voters=10, queries=1)) is ClusterBy.VOTER


def test_two_ways_are_never_narrower_than_one() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=5, votes=900, voters=25, queries=20)
    fit = fitted(outcomes)
    both, voter, query = (
        rating_intervals(outcomes, fit, by=by) for by in (ClusterBy.BOTH, ClusterBy.VOTER, ClusterBy.QUERY)
    )
    assert (both.standard_error >= voter.standard_error).all()
    assert (both.standard_error >= query.standard_error).all()
    assert both.degrees.tolist() == np.minimum(voter.degrees, query.degrees).tolist()
    assert (both.scope, query.scope) == ("", "for these voters")


def test_one_cluster_gives_no_interval() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=3, votes=60, voters=1, queries=1)
    with pytest.raises(TooFewClustersError, match="1 queries: at least two"):
        rating_intervals(outcomes, fitted(outcomes))
    board = rate(outcomes)
    assert board.fit is not None
    assert (board.intervals, board.no_intervals) == (None, "No interval from 1 queries: at least two are needed.")


def test_board_holds_what_the_votes_support() -> None:
    full = rate(at_random(np.random.default_rng(2), systems=3, votes=200, voters=12))
    assert full.fit is not None
    assert full.intervals is not None
    assert (full.intervals.low < full.fit.ratings).all()
    assert (full.intervals.high > full.fit.ratings).all()
    bare = rate(from_counts({("A", "B"): (2, 0, 0)}))
    assert (bare.fit, bare.intervals) == (None, None)
    assert bare.pairs.wins[0, 1] == 2


STRENGTHS = even_strengths(5)


@pytest.mark.parametrize(
    ("by", "counts", "taste", "difficulty"),
    [
        pytest.param(ClusterBy.QUERY, np.array([420]), 0.0, 1.0, id="one voter, queries differ"),
        pytest.param(ClusterBy.VOTER, np.full(15, 40), 0.6, 0.0, id="voters of differing taste"),
        pytest.param(ClusterBy.VOTER, 720 // np.arange(1, 16), 0.6, 0.0, id="very unequal voters"),
        pytest.param(ClusterBy.BOTH, np.full(15, 40), 0.5, 0.5, id="both differ"),
    ],
)
def test_intervals_cover_the_truth(by: ClusterBy, counts: np.ndarray, taste: float, difficulty: float) -> None:
    """200 logs from a fixed seed; the bounds are far wider than the noise, but the plain interval is below them."""
    rng = np.random.default_rng(20260301)
    world = World(strengths=STRENGTHS, taste=taste, difficulty=difficulty, queries=42)
    target = 1000 + POINTS * half_win_truth(world)
    covered = {by: 0, ClusterBy.VOTE: 0}
    for _ in range(200):
        outcomes = vote_log(rng, world, counts)
        fit = fitted(outcomes)
        for way in covered:
            found = rating_intervals(outcomes, fit, by=way)
            covered[way] += int(((found.low <= target) & (target <= found.high)).sum())
    assert 0.90 <= covered[by] / 1000 <= 0.99
    assert covered[ClusterBy.VOTE] / 1000 < 0.90
