"""The fewest votes that change first place, against every subset of small logs."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest

from core.domain.errors import RunoffError
from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.davidson import fit_davidson
from core.ratings.fragility import Refit, fragility
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from tests.support.battle_logs import at_random, from_counts, names


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


def is_changed(outcomes: Outcomes, leader: int, votes: np.ndarray) -> bool:
    try:
        left = fitted(outcomes.where(~np.isin(outcomes.vote, votes))).strengths
    except RunoffError:
        return False
    return bool(np.delete(left, leader).max() >= left[leader] - 1e-7)


def fewest(outcomes: Outcomes, leader: int, most: int) -> int:
    """By trying every choice of up to ``most`` votes (votes that are alike, once); 0 where none changes first place."""
    forward = outcomes.left < outcomes.right
    share = np.where(forward, outcomes.share, 1.0 - outcomes.share).tolist()
    low, high = np.minimum(outcomes.left, outcomes.right).tolist(), np.maximum(outcomes.left, outcomes.right).tolist()
    kinds: dict[tuple[int, int, float], list[int]] = {}
    for vote, row in enumerate(zip(low, high, share, strict=True)):
        kinds.setdefault(row, []).append(vote)
    for size in range(1, most + 1):
        for chosen in combinations_with_replacement(sorted(kinds), size):
            times = Counter(chosen)
            if all(times[kind] <= len(kinds[kind]) for kind in times):
                votes = [vote for kind in times for vote in kinds[kind][: times[kind]]]
                if is_changed(outcomes, leader, np.array(votes)):
                    return size
    return 0


def test_two_systems_by_hand() -> None:
    """Twelve to eight: without four wins of A they are level."""
    outcomes = from_counts({("A", "B"): (12, 3, 8)})
    found = fragility(outcomes, fitted(outcomes))
    assert (found.leader, found.challenger, found.at_most) == ("A", "B", 4)
    assert found.share == pytest.approx(4 / 23)
    assert (outcomes.share[found.votes] == 1.0).all()


@pytest.mark.parametrize("seed", range(10))
def test_never_below_the_minimum_and_mostly_equal(seed: int) -> None:
    outcomes = at_random(np.random.default_rng(seed), systems=3, votes=22, voters=4, queries=4)
    try:
        fit = fitted(outcomes)
    except RunoffError:
        pytest.skip("these votes do not put all systems on one scale")
    leader = int(fit.strengths.argmax())
    truth = fewest(outcomes, leader, 3)
    found = fragility(outcomes, fit)
    if truth:
        assert truth <= found.at_most <= truth + 1
    else:
        assert found.at_most == 0 or found.at_most > 3
    if found.at_most:
        assert is_changed(outcomes, leader, found.votes)


def test_exact_in_nine_of_ten_logs() -> None:
    exact = tried = 0
    for seed in range(40):
        outcomes = at_random(np.random.default_rng(100 + seed), systems=4, votes=30, voters=4, queries=4)
        try:
            fit = fitted(outcomes)
        except RunoffError:
            continue
        truth = fewest(outcomes, int(fit.strengths.argmax()), 2)
        if truth:
            tried += 1
            exact += fragility(outcomes, fit).at_most == truth
    assert tried >= 15
    assert exact >= 0.9 * tried


@pytest.mark.parametrize("refit", [fit_bradley_terry, fit_davidson])
def test_a_large_log(refit: Refit) -> None:
    """Votes of systems that are not the two may be removed, too: the removal is checked by a fit."""
    outcomes = at_random(np.random.default_rng(3), systems=8, votes=5000, voters=30, queries=20)
    fit = refit(pair_table(outcomes))
    found = fragility(outcomes, fit, refit=refit)
    assert 0 < found.at_most < 500
    assert len(set(found.votes.tolist())) == found.at_most
    left = refit(pair_table(outcomes.where(~np.isin(outcomes.vote, found.votes)))).strengths
    leader, challenger = outcomes.systems.index(found.leader), outcomes.systems.index(found.challenger)
    assert leader == int(fit.strengths.argmax())
    assert left[challenger] >= left[leader] - 1e-7
    # One vote fewer in the same order does not do.
    assert found.at_most > 1


def test_a_vote_over_several_systems_goes_as_a_whole() -> None:
    """Orders A > B > C and B > A > C: each vote is three outcomes."""
    orders = [(0, 1, 2)] * 5 + [(1, 0, 2)] * 3 + [(2, 0, 1)] * 2
    rows = [(order[a], order[b], vote) for vote, order in enumerate(orders) for a, b in combinations(range(3), 2)]
    left, right, vote = (np.array(column) for column in zip(*rows, strict=True))
    outcomes = Outcomes(
        systems=("A", "B", "C"),
        left=left,
        right=right,
        share=np.ones(len(rows)),
        voters=names("v", 10),
        voter=vote,
        queries=("q",),
        query=np.zeros(len(rows), dtype=np.int64),
        vote=vote + 100,
    )
    found = fragility(outcomes, fitted(outcomes))
    assert found.leader == "A"
    assert found.share == pytest.approx(found.at_most / 10)
    assert is_changed(outcomes, 0, found.votes)
    subsets = (np.array(votes) for size in range(1, found.at_most) for votes in combinations(range(100, 110), size))
    assert not any(is_changed(outcomes, 0, votes) for votes in subsets)


def test_weights_count_in_the_fit_not_in_the_number() -> None:
    outcomes = from_counts({("A", "B"): (12, 0, 8)}).weighted(np.repeat([0.5, 1.0], [2, 18]))
    found = fragility(outcomes, fitted(outcomes))
    assert found.at_most == 3  # 11 to 8: three votes of weight one


def test_no_removal_keeps_ratings() -> None:
    """Every vote for B is needed for the ratings to exist, and A stays ahead."""
    outcomes = from_counts({("A", "B"): (1, 0, 1), ("B", "C"): (1, 0, 0), ("C", "A"): (0, 0, 1)})
    outcomes = from_counts({("A", "B"): (3, 0, 1), ("B", "C"): (1, 0, 0), ("A", "C"): (1, 0, 1)})
    found = fragility(outcomes, fitted(outcomes))
    leader = outcomes.systems.index(found.leader)
    assert (found.at_most == 0) == (fewest(outcomes, leader, len(outcomes)) == 0)
