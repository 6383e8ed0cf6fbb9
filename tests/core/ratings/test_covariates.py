"""Covariates in the fit: against a general optimiser, what is found in simulated votes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from core.domain.errors import InvalidInputError
from core.ratings.bradley_terry import POINTS, fit_bradley_terry
from core.ratings.covariates import CovariatesNotIdentifiableError, Design, effects, fit_covariates
from core.ratings.intervals import ClusterBy, rating_intervals, suitable_clusters, variance_of
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from tests.support.battle_logs import at_random, from_counts, names


def swayed(rng: np.random.Generator, votes: int, side: float, length: float) -> tuple[Outcomes, Design]:
    """Four systems, 40 voters; the longer list and the left side are favoured. One in four has no side."""
    strengths = np.array([0.5, 0.2, -0.2, -0.5])
    left = rng.integers(4, size=votes)
    right = (left + rng.integers(1, 4, size=votes)) % 4
    slot = (rng.random(votes) < 0.75).astype(np.int64)
    longer = rng.normal(size=votes) + 0.3 * (right - left)
    chance = 1 / (1 + np.exp(-(strengths[left] - strengths[right] + side * slot + length * longer)))
    outcomes = Outcomes(
        systems=names("s", 4),
        left=left,
        right=right,
        share=(rng.random(votes) < chance).astype(float),
        voters=names("v", 40),
        voter=rng.integers(40, size=votes),
        queries=names("q", 30),
        query=rng.integers(30, size=votes),
        slot=slot,
    )
    return outcomes, Design(names=("side", "length"), values=np.column_stack([slot, longer]))


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_a_general_optimiser(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcomes, design = swayed(rng, 400, 0.4, 0.5)
    outcomes = outcomes.weighted(rng.uniform(0.5, 2.0, size=400))

    def loss(free: np.ndarray) -> float:
        theta = np.append(free[:3], 0.0)
        logit = theta[outcomes.left] - theta[outcomes.right] + design.values @ free[3:]
        return float(-(outcomes.weight * (outcomes.share * logit - np.log1p(np.exp(logit)))).sum())

    found = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-7})
    theta = np.append(found.x[:3], 0.0)
    fit = fit_covariates(outcomes, design)
    assert fit.strengths == pytest.approx(theta - theta.mean(), abs=1e-5)
    assert fit.coefficients == pytest.approx(found.x[3:], abs=1e-5)
    assert fit.unadjusted == pytest.approx(fit_bradley_terry(pair_table(outcomes)).strengths)


def test_effects_and_ratings_cover_what_was_put_in() -> None:
    rng = np.random.default_rng(1)
    covered, rated, moved = 0, 0, 0.0
    for _ in range(50):
        outcomes, design = swayed(rng, 800, 0.4, 0.5)
        fit = fit_covariates(outcomes, design)
        found = effects(fit, variance_of(outcomes, fit, suitable_clusters(outcomes)))
        truth = POINTS * np.array([0.4, 0.5])
        covered += sum(e.low <= t <= e.high for e, t in zip(found, truth, strict=True))
        intervals = rating_intervals(outcomes, fit)
        target = 1000 + POINTS * np.array([0.5, 0.2, -0.2, -0.5])
        rated += int(((intervals.low <= target) & (target <= intervals.high)).sum())
        moved += float(fit.strengths[0] - fit.unadjusted[0]) / 50
    assert covered >= 90  # of 100
    assert rated >= 180  # of 200
    assert moved < -0.1  # the best system has the longer lists: without the length in the fit it is overrated


def test_no_covariate_of_value_changes_nothing() -> None:
    """A symmetric log, every vote also with its sides swapped, has no side effect and the same strengths."""
    once = at_random(np.random.default_rng(2), systems=4, votes=150, voters=15)
    both = Outcomes(
        systems=once.systems,
        left=np.concatenate([once.left, once.right]),
        right=np.concatenate([once.right, once.left]),
        share=np.concatenate([once.share, 1 - once.share]),
        voters=once.voters,
        voter=np.tile(once.voter, 2),
        queries=once.queries,
        query=np.tile(once.query, 2),
    )
    fit = fit_covariates(both, Design(names=("side",), values=np.ones((300, 1))))
    assert fit.coefficients == pytest.approx([0.0], abs=1e-9)
    assert fit.strengths == pytest.approx(fit_bradley_terry(pair_table(both)).strengths, abs=1e-9)


def test_side_of_two_systems_by_hand() -> None:
    """Shown left A wins 8 of 10, shown right 4 of 8: log odds 2 ln 2 and 0, so strength ln 2 / 2 each, side ln 2."""
    outcomes = from_counts({("A", "B"): (8, 0, 2), ("B", "A"): (4, 0, 4)})
    fit = fit_covariates(outcomes, Design(names=("side",), values=np.ones((18, 1))))
    assert fit.coefficients == pytest.approx([np.log(2)])
    assert fit.strengths[0] == pytest.approx(0.5 * np.log(2))
    assert fit.estimand == "half-win Bradley-Terry with both sides alike in side"


def test_clustered_scores_sum_to_zero_and_the_bread_inverts_the_information() -> None:
    outcomes, design = swayed(np.random.default_rng(6), 300, 0.1, 0.2)
    rows = fit_covariates(outcomes, design).score_rows(outcomes)
    scores = rows.cluster_scores(outcomes.voter, 40)
    assert scores.sum(axis=0) == pytest.approx(np.zeros(6), abs=1e-7)
    centred = np.eye(6)
    centred[:4, :4] -= 1 / 4
    inside = rows.cluster_information(outcomes.voter, 40).sum(axis=0)
    assert rows.bread @ inside == pytest.approx(centred, abs=1e-9)
    row_scores = rows.cluster_scores(np.arange(300), 300)
    assert rows.meat() == pytest.approx(row_scores.T @ row_scores)


def test_what_the_votes_do_not_determine_is_refused() -> None:
    outcomes, design = swayed(np.random.default_rng(3), 300, 0.0, 0.0)
    strengths = np.arange(4.0)
    follows = (strengths[outcomes.left] - strengths[outcomes.right])[:, None]
    with pytest.raises(CovariatesNotIdentifiableError, match="length is not identifiable: it follows from which"):
        fit_covariates(outcomes, Design(names=("length",), values=follows))
    with pytest.raises(CovariatesNotIdentifiableError, match="0 in every vote"):
        fit_covariates(outcomes, Design(names=("side",), values=np.zeros((300, 1))))
    decides = np.where(outcomes.share > 0.5, 1.0, -1.0)[:, None]
    with pytest.raises(CovariatesNotIdentifiableError, match="side is not identifiable"):
        fit_covariates(outcomes, Design(names=("side",), values=decides))
    with pytest.raises(InvalidInputError, match="299 rows of covariates for 300 outcomes"):
        fit_covariates(outcomes, design.where(np.arange(300) > 0))
    with pytest.raises(InvalidInputError, match="finite"):
        Design(names=("side",), values=np.array([[np.nan]]))


def test_plain_variance_of_covariates_agrees_with_clusters_of_one() -> None:
    outcomes, design = swayed(np.random.default_rng(4), 250, 0.3, 0.3)
    fit = fit_covariates(outcomes, design)
    plain = rating_intervals(outcomes, fit, by=ClusterBy.VOTE)
    moved = fit.score_rows(outcomes).cluster_scores(np.arange(250), 250) @ fit.score_rows(outcomes).bread
    assert plain.standard_error == pytest.approx(POINTS * np.sqrt((moved**2).sum(axis=0)[:4]))
