"""Errors of differences by hand, against dense definitions, and where nothing can be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power

from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.contrast_errors import contrast_errors
from core.ratings.davidson import fit_davidson
from core.ratings.intervals import ClusterBy
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.sandwich import influences
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def test_two_systems_by_hand() -> None:
    """Eight wins of ten, every vote a cluster of leverage 1/10: 1.6 / (n p q)^2 / 0.9, and t is log 4 over its root."""
    outcomes = from_counts({("A", "B"): (8, 0, 2)})
    found = contrast_errors(outcomes, fitted(outcomes), by=ClusterBy.VOTE)
    assert found.error[0, 1] == pytest.approx((1.6 / 1.6**2 / 0.9) ** 0.5)
    assert found.t[0, 1] == pytest.approx(np.log(4.0) / (1.6 / 1.6**2 / 0.9) ** 0.5)
    assert found.t[1, 0] == -found.t[0, 1]
    assert found.error[0, 0] == 0.0


def dense_cr2(outcomes: Outcomes, fit: BradleyTerry, cluster: np.ndarray, i: int, j: int) -> tuple[float, float]:
    """Variance of strength i minus j and Bell-McCaffrey degrees from their definitions, one row per vote."""
    n, k = len(outcomes), len(fit.systems)
    basis = np.linalg.svd(np.eye(k) - 1 / k)[0][:, : k - 1]
    x = (np.eye(k)[outcomes.left] - np.eye(k)[outcomes.right]) @ basis
    p = 1 / (1 + np.exp(-(x @ basis.T @ fit.strengths)))
    v = p * (1 - p)
    bread = np.linalg.inv(x.T @ (v[:, None] * x))
    keep = np.eye(n) - (x @ bread @ (x.T * v)).T
    covariance = keep @ np.diag(v) @ keep.T
    contrast = basis[i] - basis[j]
    rows = []
    for group in np.unique(cluster):
        inside = np.flatnonzero(cluster == group)
        adjust = fractional_matrix_power(keep[np.ix_(inside, inside)], -0.5)
        row = np.zeros(n)
        row[inside] = np.real(contrast @ bread @ x[inside].T @ adjust)
        rows.append(row)
    parts = np.array(rows) @ (outcomes.share - p)
    spread = np.array(rows) @ covariance @ np.array(rows).T
    return float((parts**2).sum()), float(np.trace(spread) ** 2 / (spread**2).sum())


@pytest.mark.parametrize("seed", range(3))
def test_few_clusters_against_the_definition(seed: int) -> None:
    outcomes = at_random(np.random.default_rng(seed), systems=4, votes=90, voters=8, queries=6, ties=0.0)
    fit = fitted(outcomes)
    found = contrast_errors(outcomes, fit, by=ClusterBy.VOTER)
    for i, j in ((0, 1), (2, 3), (0, 3)):
        variance, degrees = dense_cr2(outcomes, fit, outcomes.voter, i, j)
        assert found.error[i, j] ** 2 == pytest.approx(variance, rel=1e-6)
        assert found.degrees[i, j] == pytest.approx(degrees, rel=1e-6)


def test_many_clusters_against_the_definition() -> None:
    """400 voters of one vote and 40 of more: CR1, with the effective number of voters of each system."""
    rng = np.random.default_rng(4)
    outcomes = at_random(rng, systems=5, votes=700, voters=440)
    outcomes = replace(outcomes, voter=np.concatenate([np.arange(440), 400 + rng.integers(40, size=260)]))
    fit = fitted(outcomes)
    found = contrast_errors(outcomes, fit, by=ClusterBy.VOTER)
    parts = influences(outcomes, fit, outcomes.voter, 440)
    battles = np.zeros((440, 5))
    np.add.at(battles, (outcomes.voter, outcomes.left), 1)
    np.add.at(battles, (outcomes.voter, outcomes.right), 1)
    effective = battles.sum(axis=0) ** 2 / (battles**2).sum(axis=0)
    few = min(effective[1], effective[3])
    assert few < 440
    variance = ((parts[:, 1] - parts[:, 3]) ** 2).sum() * 440 / 439 * few / (few - 1)
    assert found.error[1, 3] ** 2 == pytest.approx(variance)
    assert found.degrees[1, 3] == pytest.approx(few - 1)


@pytest.mark.parametrize("voters", [12, 400])
def test_a_system_of_one_voter_is_not_known(voters: int) -> None:
    """Votes of one person tell nothing of what others think of the system, with CR2 as with CR1."""
    rng = np.random.default_rng(1)
    outcomes = at_random(rng, systems=5, votes=2000, voters=voters)
    outcomes = outcomes.where((outcomes.voter == 0) | ((outcomes.left != 4) & (outcomes.right != 4)))
    extra = replace(outcomes.where(np.arange(len(outcomes)) < 40), voter=np.zeros(40, dtype=np.int64))
    third = np.arange(40) % 3
    joined = Outcomes(
        systems=outcomes.systems,
        left=np.concatenate([outcomes.left, np.full(40, 4)]),
        right=np.concatenate([outcomes.right, third]),
        share=np.concatenate([outcomes.share, (np.arange(40) % 2).astype(float)]),
        voters=outcomes.voters,
        voter=np.concatenate([outcomes.voter, extra.voter]),
        queries=outcomes.queries,
        query=np.concatenate([outcomes.query, extra.query]),
    )
    found = contrast_errors(joined, fitted(joined), by=ClusterBy.VOTER)
    assert np.isinf(found.error[4, :4]).all()
    assert np.isfinite(found.error[:4, :4]).all()
    assert (found.t[4] == 0.0).all()


def test_a_log_said_twice_tells_nothing_more() -> None:
    outcomes = at_random(np.random.default_rng(3), systems=5, votes=300, voters=20, queries=15)
    columns = ("left", "right", "share", "voter", "query")
    twice = replace(
        outcomes,
        **{name: np.tile(getattr(outcomes, name), 2) for name in columns},
        vote=np.arange(600),
        weight=np.ones(600),
        slot=np.ones(600, dtype=np.int64),
    )
    once, again = (contrast_errors(log, fitted(log)) for log in (outcomes, twice))
    # Only V_cell of the two-way sum, whose cells are corrected as votes are, may differ a little.
    assert again.error == pytest.approx(once.error, rel=0.02)
    assert again.by is ClusterBy.BOTH


def test_weights_of_two_say_as_much_as_votes_said_twice() -> None:
    outcomes = at_random(np.random.default_rng(5), systems=4, votes=200, voters=6, queries=15)
    plain, heavy = outcomes, outcomes.weighted(np.full(200, 2.0))
    for log in (plain, heavy):
        assert contrast_errors(log, fitted(log)).by is ClusterBy.QUERY
    assert contrast_errors(heavy, fitted(heavy)).error == pytest.approx(contrast_errors(plain, fitted(plain)).error)


def test_two_ways_are_never_less_than_one() -> None:
    outcomes = at_random(np.random.default_rng(6), systems=6, votes=400, voters=25, queries=20)
    fit = fitted(outcomes)
    both = contrast_errors(outcomes, fit).error
    for by in (ClusterBy.VOTER, ClusterBy.QUERY):
        assert (both >= contrast_errors(outcomes, fit, by=by).error - 1e-12).all()


def test_pieces_of_a_large_table_sum_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = at_random(np.random.default_rng(8), systems=6, votes=900, voters=25, queries=20)
    fit = fitted(outcomes)
    whole = contrast_errors(outcomes, fit).covariance
    monkeypatch.setattr("core.ratings.cluster_parts.LARGEST_TABLE", 100)
    assert contrast_errors(outcomes, fit).covariance == pytest.approx(whole, abs=1e-12)


def test_davidson_has_contrasts_too() -> None:
    outcomes = at_random(np.random.default_rng(9), systems=4, votes=600, voters=30, queries=20, ties=0.3)
    fit = fit_davidson(pair_table(outcomes))
    found = contrast_errors(outcomes, fit)
    assert found.covariance.shape == (4, 4)
    assert found.covariance.sum(axis=1) == pytest.approx(np.zeros(4), abs=1e-12)
    assert (found.degrees >= 1.0).all()


def test_names_do_not_matter() -> None:
    outcomes = at_random(np.random.default_rng(2), systems=4, votes=300, voters=12, queries=9)
    turn = np.array([2, 0, 3, 1])
    renamed = replace(outcomes, systems=names("t", 4), left=turn[outcomes.left], right=turn[outcomes.right])
    first, second = (contrast_errors(log, fitted(log)) for log in (outcomes, renamed))
    assert second.error[np.ix_(turn, turn)] == pytest.approx(first.error)
    assert second.degrees[np.ix_(turn, turn)] == pytest.approx(first.degrees)
