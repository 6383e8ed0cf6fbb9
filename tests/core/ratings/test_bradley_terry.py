"""Strengths: by hand, against independent programs, and what must not change them."""

from __future__ import annotations

import math

import evalica
import numpy as np
import pytest
from scipy.optimize import minimize

from core.ratings.bradley_terry import ESTIMAND, fit_bradley_terry
from core.ratings.identifiability import NotIdentifiableError
from core.ratings.newton import ConvergenceError
from core.ratings.outcomes import Outcomes, build
from core.ratings.pairs import PairTable, pair_table
from tests.support.battle_logs import at_random, from_counts, names

FOUR_TWO_ONE = {("A", "B"): (4, 0, 2), ("B", "C"): (4, 0, 2), ("A", "C"): (8, 0, 2)}


def random_table(seed: int) -> PairTable:
    """A sparse log whose graph holds a cycle through all systems, so it is strongly connected."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 15))
    wins = rng.poisson(rng.choice([0.2, 1.0, 5.0]), size=(k, k))
    order = rng.permutation(k)
    wins[order, np.roll(order, 1)] += 1
    np.fill_diagonal(wins, 0)
    ties = np.triu(rng.poisson(0.5, size=(k, k)), 1)
    return PairTable(systems=names("s", k), wins=wins.astype(np.int64), ties=(ties + ties.T).astype(np.int64))


def test_strengths_of_four_to_two_to_one_by_hand() -> None:
    """Observed shares are exactly 2/3, 2/3 and 4/5, those of strengths 4, 2 and 1, so these are the maximum."""
    fit = fit_bradley_terry(pair_table(from_counts(FOUR_TWO_ONE)))
    assert fit.strengths == pytest.approx([math.log(2), 0.0, -math.log(2)], abs=1e-12)
    assert fit.ratings == pytest.approx([1120.4119982655926, 1000.0, 879.5880017344075], abs=1e-9)
    assert fit.win_probability[0] == pytest.approx([0.5, 2 / 3, 4 / 5])
    assert fit.log_likelihood == pytest.approx(
        8 * math.log(2 / 3) + 4 * math.log(1 / 3) + 8 * math.log(0.8) + 2 * math.log(0.2)
    )
    assert (fit.battles, fit.estimand) == (22, ESTIMAND)
    assert fit.step <= fit.tolerance


def test_two_ties_weigh_as_a_win_and_a_loss() -> None:
    with_ties = {("A", "B"): (3, 2, 1), ("B", "C"): (4, 0, 2), ("A", "C"): (7, 2, 1)}
    tied = fit_bradley_terry(pair_table(from_counts(with_ties)))
    decided = fit_bradley_terry(pair_table(from_counts(FOUR_TWO_ONE)))
    assert tied.strengths == pytest.approx(decided.strengths, abs=1e-12)


def test_a_weight_of_two_is_the_vote_twice() -> None:
    outcomes = at_random(np.random.default_rng(8), systems=4, votes=120)
    twice = np.concatenate([np.arange(120), np.arange(40)])
    weights = np.where(np.arange(120) < 40, 2.0, 1.0)
    weighted = fit_bradley_terry(pair_table(outcomes.weighted(weights)))
    repeated = fit_bradley_terry(pair_table(outcomes.where(twice)))
    assert weighted.strengths == pytest.approx(repeated.strengths, abs=1e-9)
    assert weighted.battles == repeated.battles == 160


@pytest.mark.parametrize("seed", range(30))
def test_graphs_that_are_not_strongly_connected_are_refused(seed: int) -> None:
    """Systems in two halves, the second of which never scores on the first."""
    table = random_table(seed)
    k = len(table.systems)
    wins, ties = table.wins.copy(), table.ties.copy()
    wins[k // 2 :, : k // 2] = 0
    ties[k // 2 :, : k // 2] = ties[: k // 2, k // 2 :] = 0
    with pytest.raises(NotIdentifiableError):
        fit_bradley_terry(PairTable(systems=table.systems, wins=wins, ties=ties))


@pytest.mark.parametrize(("wins", "losses"), [(1, 1), (9, 1), (1, 999_999), (10**9, 1)])
def test_two_systems_have_the_log_odds(wins: int, losses: int) -> None:
    table = PairTable(
        systems=("A", "B"), wins=np.array([[0, wins], [losses, 0]]), ties=np.zeros((2, 2), dtype=np.int64)
    )
    strengths = fit_bradley_terry(table).strengths
    assert strengths[0] - strengths[1] == pytest.approx(math.log(wins / losses), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("block", range(6))
def test_agrees_with_evalica_on_strongly_connected_graphs(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        table = random_table(seed)
        given = []
        for i, first in enumerate(table.systems):
            for j, second in enumerate(table.systems):
                given += [(first, second, evalica.Winner.X)] * int(table.wins[i, j])
                given += [(first, second, evalica.Winner.Draw)] * int(table.ties[i, j] if i < j else 0)
        result = evalica.bradley_terry(*map(list, zip(*given, strict=True)), tolerance=1e-13, limit=1_000_000)
        theirs = 400 * np.log10(result.scores.loc[list(table.systems)].to_numpy())
        ours = fit_bradley_terry(table).ratings
        assert ours == pytest.approx(1000 + theirs - theirs.mean(), abs=1e-3), f"seed {seed}"


@pytest.mark.parametrize("seed", range(10))
def test_agrees_with_a_general_optimiser(seed: int) -> None:
    table = random_table(1000 + seed)
    half = table.half_wins

    def loss(free: np.ndarray) -> float:
        theta = np.append(free, 0.0)
        return float((half * np.log1p(np.exp(theta[None, :] - theta[:, None]))).sum())

    found = minimize(loss, np.zeros(len(half) - 1), method="BFGS", options={"gtol": 1e-9})
    theta = np.append(found.x, 0.0)
    assert fit_bradley_terry(table).strengths == pytest.approx(theta - theta.mean(), abs=1e-4)


def rebuilt(outcomes: Outcomes, order: np.ndarray, rename: dict[str, str], swap: np.ndarray) -> Outcomes:
    left = [rename[outcomes.systems[i]] for i in outcomes.left[order]]
    right = [rename[outcomes.systems[i]] for i in outcomes.right[order]]
    share = outcomes.share[order]
    return build(
        left=[b if s else a for a, b, s in zip(left, right, swap, strict=True)],
        right=[a if s else b for a, b, s in zip(left, right, swap, strict=True)],
        share=np.where(swap, 1.0 - share, share).tolist(),
        voter=[outcomes.voters[i] for i in outcomes.voter[order]],
        query=[outcomes.queries[i] for i in outcomes.query[order]],
    )


@pytest.mark.parametrize("seed", range(5))
def test_order_names_and_sides_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcomes = at_random(rng, systems=6, votes=300)
    shuffled = rng.permutation(6)
    rename = {name: f"renamed-{shuffled[i]}" for i, name in enumerate(outcomes.systems)}
    other = rebuilt(outcomes, rng.permutation(300), rename, rng.random(300) < 0.5)
    before, after = fit_bradley_terry(pair_table(outcomes)), fit_bradley_terry(pair_table(other))
    found = dict(zip(after.systems, after.ratings, strict=True))
    assert [found[rename[name]] for name in before.systems] == pytest.approx(list(before.ratings), abs=1e-6)


def test_ratings_have_the_mean_1000_and_widely_apart_systems_converge() -> None:
    k = 12
    wins = np.triu(np.full((k, k), 10_000), 1) + np.tril(np.ones((k, k), dtype=np.int64), -1)
    fit = fit_bradley_terry(PairTable(systems=names("s", k), wins=wins, ties=np.zeros((k, k), dtype=np.int64)))
    assert fit.ratings.mean() == pytest.approx(1000.0)
    assert (np.diff(fit.ratings) < 0).all()


def test_running_out_of_iterations_is_an_error() -> None:
    with pytest.raises(ConvergenceError, match="did not converge"):
        fit_bradley_terry(pair_table(from_counts(FOUR_TWO_ONE)), max_iterations=1)
