"""One system against another: the model, the two's own battles, and how sure the order is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from core.domain.wilson import wilson
from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.contrast_errors import contrast_errors
from core.ratings.davidson import fit_davidson
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from core.ratings.superiority import Advantage, advantage, head_to_head
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def over(outcomes: Outcomes, i: int, j: int) -> Advantage:
    return advantage(contrast_errors(outcomes, fitted(outcomes)), i, j)


def test_wilson_by_hand() -> None:
    """Newcombe 1998: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert wilson(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_two_systems_by_hand() -> None:
    """80 of 100: the model can only say 0.8, its limits are those of log 4 +- t times the error."""
    outcomes = from_counts({("A", "B"): (80, 0, 20)})
    fit = fitted(outcomes)
    found, direct = over(outcomes, 0, 1), head_to_head(outcomes, 0, 1)
    contrasts = contrast_errors(outcomes, fit)
    error, degrees = contrasts.error[0, 1], contrasts.degrees[0, 1]
    reach = student.ppf(0.975, degrees) * error
    assert found.win == pytest.approx(0.8)
    assert found.low == pytest.approx(1 / (1 + np.exp(reach) / 4))
    assert found.high == pytest.approx(1 / (1 + np.exp(-reach) / 4))
    assert found.stronger == pytest.approx(student.cdf(np.log(4) / error, degrees))
    assert direct is not None
    assert direct.share == pytest.approx(0.8)
    assert direct.battles == 100
    # Every vote a cluster: V = p q / n * n / (n - 1), and (z / t)^2 with 99 degrees of freedom.
    assert direct.effective == pytest.approx(99 * (1.959964 / student.ppf(0.975, 99)) ** 2, rel=1e-6)


def test_the_other_way_round_is_the_mirror_image() -> None:
    outcomes = at_random(np.random.default_rng(1), systems=5, votes=400, voters=20, queries=15)
    one, other = over(outcomes, 1, 3), over(outcomes, 3, 1)
    assert (other.win, other.low, other.high) == pytest.approx((1 - one.win, 1 - one.high, 1 - one.low))
    assert other.stronger == pytest.approx(1 - one.stronger)
    direct, mirrored = head_to_head(outcomes, 1, 3), head_to_head(outcomes, 3, 1)
    assert direct is not None
    assert mirrored is not None
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - direct.high, 1 - direct.low))
    assert mirrored.effective == pytest.approx(direct.effective)


def test_never_met() -> None:
    outcomes = from_counts({("A", "B"): (6, 0, 4), ("B", "C"): (6, 0, 4)})
    assert head_to_head(outcomes, 0, 2) is None
    assert over(outcomes, 0, 2).win == pytest.approx(1 / (1 + (4 / 6) ** 2))


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
    found, direct = over(alone, 0, 1), head_to_head(alone, 0, 1)
    assert (found.low, found.high, found.stronger) == (0.0, 1.0, 0.5)
    assert direct is not None
    assert direct.effective == 1.0


def test_a_tie_of_davidson_counts_half() -> None:
    """The advantage is the model's own probability of a win and half of that of a tie, not that of decided ones."""
    outcomes = from_counts({("A", "B"): (50, 40, 10)})
    fit = fit_davidson(pair_table(outcomes))
    found = advantage(contrast_errors(outcomes, fit), 0, 1, nu=fit.nu)
    assert found.win == pytest.approx(0.7)
    assert found.win == pytest.approx(fit.win_probability[0, 1])
    assert found.low < found.win < found.high


def test_the_limits_cover() -> None:
    """Voters of differing taste, 30 % apart: the model's limits hold the truth in about 95 of 100 logs."""
    held = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        taste = rng.normal(scale=0.6, size=20)
        voter = np.repeat(np.arange(20), 15)
        share = (rng.random(300) < 1 / (1 + np.exp(-taste[voter]))).astype(float)
        outcomes = replace(from_counts({("A", "B"): (300, 0, 0)}), voters=names("v", 20), voter=voter, share=share)
        found = over(outcomes, 0, 1)
        held += found.low <= 0.5 <= found.high
    assert held / 150 > 0.95 - 2.6 * (0.95 * 0.05 / 150) ** 0.5
