"""One system against another: the model, the two's own battles, and how sure the order is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from core.domain.errors import UnknownNameError
from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.contrast_errors import contrast_errors
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.superiority import head_to_head, superiority, wilson
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def test_wilson_by_hand() -> None:
    """Newcombe 1998: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert wilson(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_two_systems_by_hand() -> None:
    """80 of 100: the model can only say 0.8, its limits are those of log 4 +- t times the error."""
    outcomes = from_counts({("A", "B"): (80, 0, 20)})
    fit = fitted(outcomes)
    found = superiority(outcomes, fit, "A", "B")
    contrasts = contrast_errors(outcomes, fit)
    error, degrees = contrasts.error[0, 1], contrasts.degrees[0, 1]
    reach = student.ppf(0.975, degrees) * error
    assert found.win == pytest.approx(0.8)
    assert found.win_low == pytest.approx(1 / (1 + np.exp(reach) / 4))
    assert found.win_high == pytest.approx(1 / (1 + np.exp(-reach) / 4))
    assert found.stronger == pytest.approx(student.cdf(np.log(4) / error, degrees))
    assert found.direct is not None
    assert found.direct.share == pytest.approx(0.8)
    assert found.direct.battles == 100
    # Every vote a cluster: V = p q / n * n / (n - 1), and (z / t)^2 with 99 degrees of freedom.
    assert found.direct.effective == pytest.approx(99 * (1.959964 / student.ppf(0.975, 99)) ** 2, rel=1e-6)


def test_the_other_way_round_is_the_mirror_image() -> None:
    outcomes = at_random(np.random.default_rng(1), systems=5, votes=400, voters=20, queries=15)
    fit = fitted(outcomes)
    one, other = superiority(outcomes, fit, "s0001", "s0003"), superiority(outcomes, fit, "s0003", "s0001")
    assert (other.win, other.win_low, other.win_high) == pytest.approx((1 - one.win, 1 - one.win_high, 1 - one.win_low))
    assert other.stronger == pytest.approx(1 - one.stronger)
    assert one.direct is not None
    assert other.direct is not None
    assert (other.direct.low, other.direct.high) == pytest.approx((1 - one.direct.high, 1 - one.direct.low))
    assert other.direct.effective == pytest.approx(one.direct.effective)


def test_never_met() -> None:
    outcomes = from_counts({("A", "B"): (6, 0, 4), ("B", "C"): (6, 0, 4)})
    found = superiority(outcomes, fitted(outcomes), "A", "C")
    assert found.direct is None
    assert found.win == pytest.approx(1 / (1 + (4 / 6) ** 2))


def test_votes_that_repeat_their_voter_say_less() -> None:
    """Twelve voters say the same ten times each: no more is known than from twelve votes (two-way, Student's t)."""
    outcomes = from_counts({("A", "B"): (80, 0, 40)})
    voters = np.repeat(np.arange(12), 10)
    same = replace(outcomes, voters=names("v", 12), voter=voters)
    found = head_to_head(same, 0, 1)
    assert found is not None
    assert found.effective == pytest.approx(11 * (1.959964 / student.ppf(0.975, 11)) ** 2, rel=1e-6)


def test_a_clean_sweep_counts_clusters() -> None:
    outcomes = from_counts({("A", "B"): (40, 0, 0)})
    same = replace(outcomes, queries=names("q", 4), query=np.arange(40) % 4)
    found = head_to_head(same, 0, 1)
    assert found is not None
    assert (found.share, found.effective) == (1.0, 4.0)
    assert found.low == pytest.approx(wilson(1.0, 4.0, 0.95)[0])


def test_one_query_of_one_voter_leaves_everything_open() -> None:
    outcomes = from_counts({("A", "B"): (30, 0, 10)})
    alone = replace(outcomes, voters=("v",), voter=np.zeros(40, np.int64), queries=("q",), query=np.zeros(40, np.int64))
    found = superiority(alone, fitted(alone), "A", "B")
    assert (found.win_low, found.win_high, found.stronger) == (0.0, 1.0, 0.5)
    assert found.direct is not None
    assert found.direct.effective == 1.0


def test_unknown_system() -> None:
    outcomes = from_counts({("A", "B"): (3, 0, 1)})
    with pytest.raises(UnknownNameError, match="Known: A, B"):
        superiority(outcomes, fitted(outcomes), "A", "X")


def test_the_limits_cover() -> None:
    """Voters of differing taste, 30 % apart: the model's limits hold the truth in about 95 of 100 logs."""
    held = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        taste = rng.normal(scale=0.6, size=20)
        voter = np.repeat(np.arange(20), 15)
        share = (rng.random(300) < 1 / (1 + np.exp(-taste[voter]))).astype(float)
        outcomes = replace(from_counts({("A", "B"): (300, 0, 0)}), voters=names("v", 20), voter=voter, share=share)
        found = superiority(outcomes, fitted(outcomes), "A", "B")
        held += found.win_low <= 0.5 <= found.win_high
    assert held / 150 > 0.95 - 2.6 * (0.95 * 0.05 / 150) ** 0.5
