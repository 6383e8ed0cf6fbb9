"""Least disagreement against all orders, in groups, and the local search against the exact order."""

from itertools import combinations, permutations

import numpy as np
import pytest

from core.strategies.aggregation import median_order as module
from core.strategies.aggregation.median_order import disagreements, median_order


def slow_cost(counts, order):
    return sum(counts[later][earlier] for earlier, later in combinations(order, 2))


def slow_order(counts):
    """Of all orders, in lexicographic order, the first that no other beats."""
    return min(permutations(range(len(counts))), key=lambda order: slow_cost(counts, order))


def random_counts(generator, n_items, n_ballots):
    counts = np.zeros((n_items, n_items))
    for _ in range(n_ballots):
        ranks = generator.permutation(n_items)
        counts += ranks[:, None] < ranks[None, :]
    return counts


def consensus_counts(generator, n_items, n_ballots, noise):
    """Ballots that are one order with noise."""
    counts = np.zeros((n_items, n_items))
    for _ in range(n_ballots):
        ranks = np.arange(n_items) + generator.normal(scale=noise, size=n_items)
        counts += ranks[:, None] < ranks[None, :]
    return counts


def test_counts_of_disagreement_by_hand():
    counts = np.array([[0, 3, 1], [2, 0, 4], [4, 1, 0]])
    assert disagreements(counts, (0, 1, 2)) == 2 + 4 + 1
    assert disagreements(counts, (2, 1, 0)) == 4 + 1 + 3


@pytest.mark.parametrize("n_items", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("n_ballots", [2, 3, 5])
def test_no_order_contradicts_less(n_items, n_ballots):
    generator = np.random.default_rng(n_items)
    for _ in range(3):
        counts = random_counts(generator, n_items, n_ballots)
        assert median_order(counts) == slow_order(counts)


@pytest.mark.parametrize("n_items", [0, 1, 2, 15, 16, 40])
def test_no_opinion_leaves_the_order(n_items):
    assert median_order(np.zeros((n_items, n_items))) == tuple(range(n_items))


def test_renaming_the_items_renames_the_order():
    generator = np.random.default_rng(5)
    counts = random_counts(generator, 6, 3) + generator.uniform(0, 0.1, size=(6, 6))  # one optimum
    names = generator.permutation(6)
    renamed = np.empty_like(counts)
    renamed[np.ix_(names, names)] = counts
    assert median_order(renamed) == tuple(names[list(median_order(counts))])


@pytest.mark.parametrize("n_items", [6, 20, 45])
def test_who_beats_everybody_comes_first_and_who_loses_always_last(n_items):
    generator = np.random.default_rng(n_items)
    counts = random_counts(generator, n_items, 5)
    winner, loser = generator.choice(n_items, size=2, replace=False)
    counts[winner, :], counts[:, winner] = 3, 2
    counts[loser, :], counts[:, loser] = 2, 3
    counts[winner, loser], counts[loser, winner] = 3, 2
    order = median_order(counts)
    assert (order[0], order[-1]) == (winner, loser)


def test_long_consensus_is_exact_by_its_groups(monkeypatch):
    """60 items whose majorities contradict each other only nearby: as good as with far larger exact groups."""
    counts = consensus_counts(np.random.default_rng(0), 60, 3, noise=5)
    groups = module._groups(counts)
    assert sorted(item for group in groups for item in group) == list(range(60))
    assert 1 < max(map(len, groups)) <= module.EXACT
    for earlier, later in combinations(groups, 2):
        assert (counts[np.ix_(earlier, later)] > counts[np.ix_(later, earlier)].T).all()
    exact = median_order(counts)
    monkeypatch.setattr(module, "EXACT", 0)
    assert disagreements(counts, exact) <= disagreements(counts, median_order(counts))


@pytest.mark.parametrize("n_items", [5, 9, 12])
def test_local_search_is_close_to_the_least_disagreement(n_items):
    generator = np.random.default_rng(n_items)
    excess = []
    for n_ballots in (3, 5, 20) * 4:
        counts = random_counts(generator, n_items, n_ballots)
        least = disagreements(counts, tuple(module._exact(counts)))
        excess.append(disagreements(counts, tuple(module._search(counts))) / least - 1)
    assert min(excess) >= 0
    assert max(excess) < 0.02
    assert sum(share == 0 for share in excess) >= 9  # of 12


@pytest.mark.parametrize("n_items", [4, 7])
def test_no_move_of_one_item_improves_what_the_search_finds(n_items):
    counts = random_counts(np.random.default_rng(n_items), n_items, 5)
    order = module._search(counts)
    cost = slow_cost(counts, order)
    for item in order:
        rest = [other for other in order if other != item]
        for place in range(n_items):
            assert slow_cost(counts, [*rest[:place], item, *rest[place:]]) >= cost
