"""The fit without each voter."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from core.ratings.detectors.decided import decided_of
from core.ratings.detectors.left_out import PRIOR_SD, Departures, departures, fit_strengths
from core.ratings.detectors.variety import variety_of
from core.ratings.outcomes import Outcomes
from tests.support.battle_logs import at_random, names

TASTE = 0.2


def found(outcomes: Outcomes, taste: float = TASTE) -> Departures:
    return departures(decided_of(outcomes), np.ones(len(outcomes.voters), dtype=bool), taste)


def wins_of(outcomes: Outcomes, rows: np.ndarray) -> np.ndarray:
    k = len(outcomes.systems)
    wins = np.zeros((k, k))
    for left, right, share in zip(outcomes.left[rows], outcomes.right[rows], outcomes.share[rows], strict=True):
        if share != 0.5:
            wins[(left, right) if share == 1.0 else (right, left)] += 1
    return wins


def by_hand(outcomes: Outcomes, voter: int, taste: float = TASTE) -> dict[str, np.ndarray]:
    """Everything about one voter from a fit of its own, by loops."""
    k = len(outcomes.systems)
    own = wins_of(outcomes, outcomes.voter == voter)
    others = wins_of(outcomes, outcomes.voter != voter)

    def loss(t: np.ndarray) -> float:
        return float((others * np.logaddexp(0, t[None, :] - t[:, None])).sum() + (t**2).sum() / (2 * PRIOR_SD**2))

    t = minimize(loss, np.zeros(k), tol=1e-12).x
    chance = 1 / (1 + np.exp(t[None, :] - t[:, None]))

    def information(wins: np.ndarray) -> np.ndarray:
        weights = (wins + wins.T) * chance * chance.T
        return np.diag(weights.sum(axis=1)) - weights

    prior = np.eye(k) / PRIOR_SD**2
    middle = information(others) + prior
    for other in set(range(len(outcomes.voters))) - {voter}:
        one = information(wins_of(outcomes, outcomes.voter == other))
        middle += taste * one @ one
    bread = np.linalg.inv(information(others) + prior)
    inside = information(own)
    spread = inside @ bread @ middle @ bread @ inside
    return {
        "strengths": t,
        "scores": (own - (own + own.T) * chance).sum(axis=1),
        "noise": np.diag(inside),
        "taste": np.diag(inside @ inside),
        "fit": np.diag(spread),
        "along": t @ (own - (own + own.T) * chance).sum(axis=1),
        "along_noise": t @ inside @ t,
        "along_taste": t @ inside @ inside @ t,
        "along_fit": t @ spread @ t,
        "favoured": (own * (t[:, None] > t[None, :])).sum(),
        "most": (own * np.abs(t[:, None] - t[None, :])).sum(),
        "squares": (own * (t[:, None] - t[None, :]) ** 2).sum(),
        "followed": (own * np.maximum(t[:, None] - t[None, :], 0)).sum(),
        "favoured_expected": (own * np.maximum(chance, chance.T)).sum(),
    }


def test_strengths_are_the_highest_posterior() -> None:
    outcomes = at_random(np.random.default_rng(1), systems=5, votes=150)
    wins = wins_of(outcomes, np.ones(150, dtype=bool))
    t = fit_strengths(wins, np.zeros(5))
    chance = 1 / (1 + np.exp(t[None, :] - t[:, None]))
    gradient = (wins - (wins + wins.T) * chance).sum(axis=1) - t / PRIOR_SD**2
    assert np.abs(gradient).max() < 1e-3


def test_strengths_exist_for_votes_all_on_one_side() -> None:
    wins = np.zeros((3, 3))
    wins[0, 1] = 10_000.0
    t = fit_strengths(wins, np.zeros(3))
    assert t[0] > 0 > t[1]
    assert t[2] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("voters", [2, 4])
def test_a_heavy_voter_is_left_out_exactly(voters: int) -> None:
    outcomes = at_random(np.random.default_rng(2), systems=4, votes=200, voters=voters)
    everyone = found(outcomes)
    for voter in range(voters):
        for name, value in by_hand(outcomes, voter).items():
            loose = name in ("fit", "along_fit")  # others' squares stay at the strengths of all
            assert getattr(everyone, name)[voter] == pytest.approx(value, rel=0.3 if loose else 1e-3, abs=1e-3), name


def test_a_light_voter_is_left_out_by_one_step() -> None:
    outcomes = at_random(np.random.default_rng(3), systems=4, votes=3000, voters=100)
    everyone = found(outcomes)
    for voter in (0, 17, 99):
        for name, value in by_hand(outcomes, voter).items():
            assert getattr(everyone, name)[voter] == pytest.approx(value, rel=0.12, abs=0.06), name


def test_votes_of_the_voter_do_not_move_the_fit_it_is_compared_with() -> None:
    outcomes = at_random(np.random.default_rng(4), systems=4, votes=2000, voters=60)
    turned = replace(outcomes, share=np.where(outcomes.voter == 5, 1.0 - outcomes.share, outcomes.share))
    one, other = found(outcomes), found(turned)
    assert one.strengths[5] == pytest.approx(other.strengths[5], abs=5e-3)
    assert np.abs(one.strengths[6] - other.strengths[6]).max() > 0.02


def test_a_voter_alone_has_the_prior_for_others() -> None:
    outcomes = at_random(np.random.default_rng(5), systems=3, votes=60, voters=1)
    alone = found(outcomes)
    assert alone.strengths[0] == pytest.approx(np.zeros(3), abs=1e-9)
    assert (np.abs(alone.scores[0]) < 2 * np.sqrt(alone.noise + alone.fit)[0]).all()


def test_a_vote_over_several_systems_varies_more_than_its_comparisons() -> None:
    # Orders of three equal systems: the wins of each are 0, 1 or 2, variance 2/3 where comparisons alone give 1/2.
    rng = np.random.default_rng(6)
    orders = np.array([rng.permutation(3) for _ in range(400)])
    pairs = np.array([(0, 1), (0, 2), (1, 2)])
    winner, loser = orders[:, pairs[:, 0]].ravel(), orders[:, pairs[:, 1]].ravel()
    n = len(winner)
    outcomes = Outcomes(
        systems=names("s", 3),
        left=winner,
        right=loser,
        share=np.ones(n),
        voters=("v",),
        voter=np.zeros(n, dtype=np.int64),
        queries=("q",),
        query=np.zeros(n, dtype=np.int64),
        vote=np.repeat(np.arange(400), 3),
    )
    assert decided_of(outcomes).inflation == pytest.approx([4 / 3])
    one_each = replace(outcomes, vote=np.arange(n))
    assert decided_of(one_each).inflation == pytest.approx([1.0])


def tasteful(rng: np.random.Generator, taste: float, k: int = 6) -> Outcomes:
    """150 voters of 120 votes, whose own strengths vary by ``taste`` (standard deviation)."""
    voters, each = 150, 120
    strengths = np.linspace(1, -1, k) + taste * rng.normal(size=(voters, k))
    voter = np.repeat(np.arange(voters), each)
    left = rng.integers(k, size=voters * each)
    right = (left + rng.integers(1, k, size=len(left))) % k
    chance = 1 / (1 + np.exp(strengths[voter, right] - strengths[voter, left]))
    return Outcomes(
        systems=names("s", k),
        left=left,
        right=right,
        share=(rng.random(len(left)) < chance).astype(float),
        voters=names("v", voters),
        voter=voter,
        queries=("q",),
        query=np.zeros(len(left), dtype=np.int64),
    )


@pytest.mark.parametrize("taste", [0.0, 0.3, 0.6, 0.9])
def test_departures_of_honest_voters_have_the_variance_that_is_said(taste: float) -> None:
    outcomes = tasteful(np.random.default_rng(7), taste)
    everybody = np.ones(len(outcomes.voters), dtype=bool)
    before = found(outcomes, taste**2)
    variety = variety_of(before, everybody)
    squares = before.scores**2 / (before.noise + before.fit + variety.taste * before.taste)
    assert squares.mean() == pytest.approx(1.0, abs=0.12)


def test_variety_of_taste_is_found_again_where_it_is_small() -> None:
    everybody = np.ones(150, dtype=bool)
    variety = variety_of(found(tasteful(np.random.default_rng(8), 0.3), 0.09), everybody)
    assert variety.taste == pytest.approx(0.09, abs=0.03)


def test_a_few_who_vote_against_all_hardly_change_the_variety() -> None:
    outcomes = tasteful(np.random.default_rng(9), 0.3)
    everybody = np.ones(150, dtype=bool)
    honest = variety_of(found(outcomes), everybody).taste
    turned = replace(outcomes, share=np.where(outcomes.voter < 15, 1.0 - outcomes.share, outcomes.share))
    assert variety_of(found(turned), everybody).taste < 1.6 * honest
