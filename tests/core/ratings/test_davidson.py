"""Davidson's model: by hand, against a general optimiser, when it exists, and its scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.davidson import Davidson, TiesTooManyError, fit_davidson, wins_outnumber_ties
from core.ratings.identifiability import NotIdentifiableError, examine
from core.ratings.intervals import ClusterBy, variance_of
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.sandwich import clustered
from tests.support.battle_logs import at_random, names


def table(wins: list[list[int]], ties: list[list[int]]) -> PairTable:
    return PairTable(systems=names("s", len(wins)), wins=np.array(wins), ties=np.array(ties))


def sparse_table(seed: int) -> PairTable:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 5))
    wins = rng.poisson(rng.choice([0.3, 0.7, 1.5]), size=(k, k))
    np.fill_diagonal(wins, 0)
    ties = np.triu(rng.poisson(rng.choice([0.3, 1.0]), size=(k, k)), 1)
    return PairTable(systems=names("s", k), wins=wins, ties=ties + ties.T)


def test_shares_of_wins_and_ties_by_hand() -> None:
    """d = ln 4 and nu = 1 have the weights 2, 1, 1 / 2: of 14 battles 8 wins, 4 ties, 2 losses, exactly."""
    fit = fit_davidson(table([[0, 8], [2, 0]], [[0, 4], [4, 0]]))
    assert fit.strengths == pytest.approx([math.log(2), -math.log(2)])
    assert fit.nu == pytest.approx(1.0)
    assert fit.even_tie == pytest.approx(1 / 3)
    assert fit.win_probability[0, 1] == pytest.approx(10 / 14)
    assert fit.log_likelihood == pytest.approx(8 * math.log(8 / 14) + 4 * math.log(4 / 14) + 2 * math.log(2 / 14))
    assert fit.battles == 14


def test_two_systems_spread_further_than_half_wins() -> None:
    """Half wins of 10 in 14 are odds of 2.5; Davidson's are 4."""
    pairs = table([[0, 8], [2, 0]], [[0, 4], [4, 0]])
    half = fit_bradley_terry(pairs).strengths
    assert half[0] - half[1] == pytest.approx(math.log(2.5))


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_a_general_optimiser(seed: int) -> None:
    pairs = pair_table(at_random(np.random.default_rng(seed), systems=5, votes=200, ties=0.3))

    def loss(free: np.ndarray) -> float:
        theta, nu = np.append(free[:4], 0.0), math.exp(free[4])
        up = np.exp(0.5 * (theta[:, None] - theta[None, :]))
        total = up + up.T + nu
        return float(-(pairs.wins * np.log(up / total) + 0.5 * pairs.ties * np.log(nu / total)).sum())

    found = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-8})
    theta = np.append(found.x[:4], 0.0)
    fit = fit_davidson(pairs)
    assert fit.strengths == pytest.approx(theta - theta.mean(), abs=1e-5)
    assert fit.nu == pytest.approx(math.exp(found.x[4]), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-found.fun)


def test_without_ties_it_is_bradley_terry() -> None:
    outcomes = at_random(np.random.default_rng(1), systems=4, votes=150, ties=0.0)
    fit, other = fit_davidson(pair_table(outcomes)), fit_bradley_terry(pair_table(outcomes))
    assert (fit.nu, fit.strengths.tolist()) == (0.0, other.strengths.tolist())
    assert fit.win_probability == pytest.approx(other.win_probability)
    for by in (ClusterBy.VOTE, ClusterBy.QUERY):
        same = variance_of(outcomes, other, by)
        assert variance_of(outcomes, fit, by).values == pytest.approx(same.values)
        assert variance_of(outcomes, fit, by).degrees == pytest.approx(same.degrees)


def test_a_tie_and_a_win_each_do_not_determine_davidson() -> None:
    pairs = table([[0, 1], [0, 0]], [[0, 1], [1, 0]])
    assert examine(pairs).identifiable
    with pytest.raises(TiesTooManyError, match="in no cycle of systems do wins outnumber ties"):
        fit_davidson(pairs)
    with pytest.raises(NotIdentifiableError):
        fit_davidson(table([[0, 1], [0, 0]], [[0, 0], [0, 0]]))


def recedes(pairs: PairTable) -> bool:
    """Whether the likelihood has a direction (delta, epsilon) along which it never falls, other than a constant."""
    k = len(pairs.systems)
    rows = []
    for i in range(k):
        for j in range(k):
            apart = np.zeros(k + 1)
            apart[i], apart[j] = 1.0, -1.0
            more = np.append(np.zeros(k), 1.0)
            if pairs.wins[i, j]:
                rows += [-apart, more - 0.5 * apart]
            if pairs.ties[i, j]:
                rows += [0.5 * apart - more, -more]
    for objective in (*np.eye(k + 1), *-np.eye(k + 1)):
        found = linprog(
            -objective,
            A_ub=np.array(rows) if rows else None,
            b_ub=np.zeros(len(rows)) if rows else None,
            A_eq=[[*np.ones(k), 0.0]],
            b_eq=[0.0],
            bounds=(-1.0, 1.0),
        )
        if -found.fun > 1e-7:
            return True
    return False


def test_existence_agrees_with_linear_programming() -> None:
    """Among 60 sparse tables with ties some have a maximum, some not, and some only Bradley-Terry's."""
    seen = set()
    for seed in range(60):
        pairs = sparse_table(seed)
        if not pairs.ties.any():
            continue
        connected = examine(pairs).identifiable
        exists = connected and wins_outnumber_ties(pairs)
        assert exists is not recedes(pairs), f"seed {seed}"
        seen.add((connected, exists))
        if exists:
            fit_davidson(pairs)
    assert seen == {(True, True), (True, False), (False, False)}


def moved(outcomes: Outcomes, fit: Davidson, row: int, step: np.ndarray) -> float:
    """Log-likelihood of one outcome at strengths and log nu moved by ``step`` (k + 1,)."""
    theta, log_nu = fit.strengths + step[:-1], math.log(fit.nu) + step[-1]
    half = 0.5 * (theta[outcomes.left[row]] - theta[outcomes.right[row]])
    own = {1.0: half, 0.0: -half, 0.5: log_nu}[float(outcomes.share[row])]
    return float(outcomes.weight[row] * (own - np.log(np.exp(half) + np.exp(-half) + np.exp(log_nu))))


def test_scores_and_information_are_derivatives() -> None:
    rng = np.random.default_rng(4)
    outcomes = at_random(rng, systems=3, votes=40, ties=0.4)
    outcomes = outcomes.weighted(rng.uniform(0.5, 2.0, size=40))
    fit = fit_davidson(pair_table(outcomes))
    rows = fit.score_rows(outcomes)
    scores = rows.cluster_scores(np.arange(40), 40)
    inside = rows.cluster_information(np.arange(40), 40)
    h = 1e-4
    unit = h * np.eye(4)
    for row in range(40):
        slopes = [(moved(outcomes, fit, row, e) - moved(outcomes, fit, row, -e)) / (2 * h) for e in unit]
        assert scores[row] == pytest.approx(slopes, abs=1e-6)
        bends = [
            [
                (
                    moved(outcomes, fit, row, a + b)
                    - moved(outcomes, fit, row, a - b)
                    - moved(outcomes, fit, row, b - a)
                    + moved(outcomes, fit, row, -a - b)
                )
                / (-4 * h * h)
                for b in unit
            ]
            for a in unit
        ]
        assert inside[row] == pytest.approx(np.array(bends), abs=1e-6)
    assert scores.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-7)
    centred = np.eye(4)
    centred[:3, :3] -= 1 / 3
    assert rows.bread @ inside.sum(axis=0) == pytest.approx(centred, abs=1e-9)


def test_repeated_votes_leave_the_clustered_variance() -> None:
    once = at_random(np.random.default_rng(3), systems=4, votes=300, voters=20, ties=0.3)
    columns = {name: np.tile(getattr(once, name), 3) for name in ("left", "right", "share", "voter", "query")}
    again = replace(once, **columns, vote=np.arange(900), weight=np.ones(900), slot=np.ones(900, dtype=np.int64))
    first, second = (clustered(log, fit_davidson(pair_table(log)), log.voter, kind="voters") for log in (once, again))
    assert second.values == pytest.approx(first.values)
    assert second.degrees == pytest.approx(first.degrees)
