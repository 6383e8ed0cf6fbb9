"""Targeted deviation and information, as tests: their error rate, and what they find."""

import numpy as np
import pytest

from core.ratings.detectors.between import between_variance, middle
from core.ratings.detectors.decided import decided_of
from core.ratings.detectors.flags import Flag
from core.ratings.detectors.information import no_information
from core.ratings.detectors.left_out import departures
from core.ratings.detectors.targeted import targeted
from core.ratings.detectors.variety import variety_of
from core.ratings.outcomes import Outcomes
from tests.support.battle_logs import names

VOTERS, EACH = 500, 60


def crowd(seed: int, *, width: float, taste: float, slopes: float, coins: int = 0) -> Outcomes:
    """500 voters of 60 decided votes on six systems; the first ``coins`` of them throw a coin."""
    rng = np.random.default_rng(seed)
    strengths = np.linspace(width / 2, -width / 2, 6) + taste * rng.normal(size=(VOTERS, 6))
    slope = 1.0 + slopes * rng.normal(size=VOTERS)
    slope[:coins] = 0.0
    voter = np.repeat(np.arange(VOTERS), EACH)
    left = rng.integers(6, size=len(voter))
    right = (left + rng.integers(1, 6, size=len(voter))) % 6
    chance = 1 / (1 + np.exp(slope[voter] * (strengths[voter, right] - strengths[voter, left])))
    return Outcomes(
        systems=names("s", 6),
        left=left,
        right=right,
        share=(rng.random(len(voter)) < chance).astype(float),
        voters=names("v", VOTERS),
        voter=voter,
        queries=("q",),
        query=np.zeros(len(voter), dtype=np.int64),
    )


def flags_of(outcomes: Outcomes, level: float) -> tuple[list[Flag], list[Flag]]:
    """Of targeted and of no_information."""
    decided = decided_of(outcomes)
    everybody = np.ones(len(outcomes.voters), dtype=bool)
    found = departures(decided, everybody, 0.1)
    variety = variety_of(found, everybody)
    return (
        targeted(found, variety, outcomes.voters, outcomes.systems, level),
        no_information(found, decided, variety, outcomes.voters, level),
    )


@pytest.mark.parametrize(
    ("width", "taste", "slopes"), [(2.0, 0.0, 0.0), (2.0, 0.4, 0.0), (3.0, 0.4, 0.2), (6.0, 0.2, 0)]
)
def test_honest_voters_are_flagged_as_seldom_as_the_level_says(width: float, taste: float, slopes: float) -> None:
    for flags in flags_of(crowd(1, width=width, taste=taste, slopes=slopes), 0.05):
        assert len(flags) <= 0.07 * VOTERS
        assert all(flag.p_value <= 0.05 for flag in flags)


def test_a_large_level_flags_some_honest_voters() -> None:
    pushed, _ = flags_of(crowd(1, width=4.0, taste=0.4, slopes=0.25), 0.2)
    assert len(pushed) >= 0.04 * VOTERS


def test_coins_are_found_where_systems_differ() -> None:
    _, uninformed = flags_of(crowd(2, width=4.0, taste=0.3, slopes=0.1, coins=50), 0.001)
    found = {flag.voter for flag in uninformed}
    assert len(found & set(names("v", 50))) >= 45
    assert len(found - set(names("v", 50))) <= 2
    coin = next(flag for flag in uninformed if flag.voter in names("v", 50))
    assert coin.trials == EACH
    assert coin.expected > 42
    assert coin.observed < 38


def test_coins_cannot_be_found_where_systems_are_equal() -> None:
    assert flags_of(crowd(3, width=0.0, taste=0.3, slopes=0.0, coins=50), 0.001)[1] == []


def test_the_middle_of_weights() -> None:
    assert middle(np.array([3.0, 1.0, 2.0]), np.ones(3)) == 2.0
    assert middle(np.array([3.0, 1.0, 2.0]), np.array([5.0, 1.0, 1.0])) == 3.0


def test_variance_between_voters() -> None:
    rng = np.random.default_rng(5)
    noise, growth = rng.uniform(0.5, 2.0, size=3000), rng.uniform(1.0, 5.0, size=3000)
    square = (noise + 0.7 * growth) * rng.chisquare(1, size=3000)
    one = np.ones(3000)
    found = between_variance(square, noise, growth, one, prior=0.1, voters=5.0)
    assert found == pytest.approx(0.7, rel=0.12)
    square[:200] *= 100.0
    assert between_variance(square, noise, growth, one, prior=0.1, voters=5.0) < 1.4 * found
    nobody = np.empty(0)
    assert between_variance(nobody, nobody, nobody, nobody, prior=0.1, voters=5.0) == pytest.approx(0.1)
