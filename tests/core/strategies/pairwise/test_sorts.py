"""Bubble sort, sliding-K and quick-select: exact heads, numbers of comparisons, ties, noise, contradictions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.strategies.pairwise.bubbling import bubbled
from core.strategies.pairwise.expected_comparisons import (
    Ranks,
    bubble_comparisons,
    heap_comparisons,
    quick_comparisons,
)
from core.strategies.pairwise.heap import heap_top
from core.strategies.pairwise.prp_bubble import PrpBubble
from core.strategies.pairwise.prp_sliding import PrpSliding
from core.strategies.pairwise.quick_selection import quick_head
from core.strategies.pairwise.quickselect import Quickselect
from tests.support.judges import (
    FirstPlaceJudge,
    IntransitiveJudge,
    NoisyJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    documents_of,
    drive,
    ideal,
)

ALL = (PrpBubble(), PrpSliding(k=6), Quickselect(k=6))


@pytest.mark.parametrize("make", [PrpSliding, Quickselect])
@settings(max_examples=20)
@given(n=st.integers(2, 28), k=st.integers(1, 32), seed=st.integers(0, 50))
def test_a_perfect_judge_gives_the_exact_top_k(make, n, k, seed):
    lists, judge = candidates(n), PerfectJudge(seed=seed)
    driven = drive(make(k=k), lists, judge)
    truth = ideal(lists, judge)
    assert driven.outcome.order[:k] == truth[:k]
    assert list(driven.outcome.order[k:]) == sorted(truth[k:])
    assert driven.calls <= n * (n - 1)


@given(st.integers(2, 18), st.integers(0, 30))
@settings(max_examples=20)
def test_bubble_orders_the_whole_list(n, seed):
    lists, judge = candidates(n), PerfectJudge(seed=seed)
    driven = drive(PrpBubble(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert 2 * (n - 1) <= driven.calls <= n * (n - 1)


@pytest.mark.parametrize("strategy", ALL)
def test_each_pair_is_asked_once_and_in_both_orders(strategy):
    asked = [documents_of(request.prompt) for request in drive(strategy, candidates(25), PerfectJudge(seed=1)).requests]
    assert len(set(asked)) == len(asked)
    assert {(b, a) for a, b in asked} == set(asked)


@pytest.mark.parametrize("n", [2, 3, 10, 30])
def test_a_right_first_stage_costs_bubble_one_pass(n):
    judge = PerfectJudge(worths={f"d{i}": 1 - i / 100 for i in range(n)})
    for strategy in (PrpBubble(), PrpSliding()):
        driven = drive(strategy, candidates(n), judge)
        assert driven.calls == 2 * (n - 1)
        assert driven.outcome.order == tuple(range(n))


def counted(n, seed, sort):
    """(different pairs, comparisons with repetitions) of one sort of a shuffled list."""
    ranks = Ranks(n)
    ranks.ranks = PerfectJudge(seed=seed).order([f"d{i}" for i in range(n)], None)
    total = 0

    def before(left, right):
        nonlocal total
        total += 1
        return (yield from ranks.before(left, right))

    for _ in sort(before):
        pass
    return len(ranks.asked), total


def test_comparisons_are_the_published_ones():
    """Executed reference code, N = 100, k = 10, shuffled: heapsort 279 comparisons, bubble with its shortcut 934."""
    heaps = [counted(100, seed, lambda before: heap_top(range(100), 10, before)) for seed in range(6)]
    assert sum(total for _, total in heaps) / 6 == pytest.approx(279, rel=0.03)
    bubbles = [counted(100, seed, lambda before: bubbled(range(100), 10, before, lambda *_: None)) for seed in range(6)]
    assert {total for _, total in bubbles} == {945}  # 10 * 99 - 45, before known pairs are left out
    assert 780 < sum(pairs for pairs, _ in bubbles) / 6 < 934
    assert heap_comparisons(100, 10) == pytest.approx(sum(pairs for pairs, _ in heaps) / 6, rel=0.06)


@pytest.mark.parametrize(("strategy", "rounds"), [(PrpSliding(), None), (Quickselect(), 16)])
def test_forecasts_are_near_the_truth(strategy, rounds):
    runs = [drive(strategy, candidates(40), PerfectJudge(seed=seed)) for seed in range(8)]
    mean = sum(run.calls for run in runs) / len(runs)
    assert strategy.forecast(40) == pytest.approx(mean, rel=0.25)
    assert strategy.forecast(1) == strategy.forecast(0) == 0
    assert strategy.forecast(2) == 2
    assert rounds is None or max(len(run.rounds) for run in runs) <= rounds


@pytest.mark.parametrize(("n", "k"), [(5, 10), (20, 10), (60, 60), (100, 10)])
def test_estimates_are_means_and_not_the_luck_of_one_list(n, k):
    sorts = {
        heap_comparisons: lambda ranks: heap_top(range(n), k, ranks.before),
        bubble_comparisons: lambda ranks: bubbled(range(n), k, ranks.before, lambda *_: None),
        quick_comparisons: lambda ranks: quick_head(range(n), k, ranks.compare_all, ranks.ahead, lambda _: None),
    }
    for estimate, sort in sorts.items():
        asked = []
        for shuffle in range(1000, 1080):
            ranks = Ranks(n, shuffle)
            assert list(sort(ranks)) == []
            asked.append(len(ranks.asked))
        assert estimate(n, k) == pytest.approx(sum(asked) / len(asked), rel=0.12, abs=0.6)


def test_sliding_is_bounded_by_the_formula():
    for n, k in ((10, 3), (25, 10), (25, 24), (25, 100)):
        passes = min(k, n - 1)
        bound = passes * (n - 1) - passes * (passes - 1) // 2
        for judge in (PerfectJudge(), IntransitiveJudge(), NoisyJudge(), NonsenseJudge()):
            assert drive(PrpSliding(k=k), candidates(n), judge).calls <= 2 * bound


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.permutations(range(n)), st.integers(1, 32))))
def test_quick_selection_against_sorting_in_few_rounds(case):
    order, k = case
    ranks = Ranks(len(order))
    ranks.ranks = order
    rounds, heads = [], []

    def compare_all(pairs):
        rounds.append(list(pairs))
        yield from ranks.compare_all(pairs)

    steps = quick_head(range(len(order)), k, compare_all, ranks.ahead, heads.append)
    with pytest.raises(StopIteration) as done:
        next(steps)
    assert done.value.value == sorted(range(len(order)), key=lambda item: order[item])[:k]
    assert len(rounds) == len(heads) < max(2, len(order))
    assert all(sorted(head) == list(range(len(order))) for head in heads)
    assert len({frozenset(pair) for pairs in rounds for pair in pairs}) == sum(map(len, rounds))


def test_a_good_first_stage_separates_the_head_in_the_first_round():
    judge = PerfectJudge(worths={f"d{i}": 1 - i / 100 for i in range(50)})
    driven = drive(Quickselect(k=10), candidates(50), judge)
    assert len(driven.rounds[0]) == 2 * 49
    assert set(driven.outcome.steps[1].order[:10]) == set(range(10))
    assert driven.outcome.order == tuple(range(50))


@pytest.mark.parametrize("strategy", [*ALL, PrpSliding(k=100), Quickselect(k=100)])
@pytest.mark.parametrize("judge", [FirstPlaceJudge(), TieJudge(), RefusingJudge()])
def test_a_judge_of_places_alone_leaves_the_first_stage_order(strategy, judge):
    assert drive(strategy, candidates(20), judge).outcome.order == tuple(range(20))


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("judge", [IntransitiveJudge(seed=2), NoisyJudge(seed=2), NonsenseJudge(seed=2)])
def test_contradictions_end_in_a_permutation(strategy, judge):
    for n in (2, 3, 7, 24):
        driven = drive(strategy, candidates(n), judge)
        assert sorted(driven.outcome.order) == list(range(n))
        assert driven.calls <= n * (n - 1)


@pytest.mark.parametrize("strategy", ALL)
def test_less_noise_gives_better_orders(strategy):
    def mean_place(scale):
        places = []
        for seed in range(8):
            lists, judge = candidates(14), NoisyJudge(seed=seed, scale=scale)
            places.append(drive(strategy, lists, judge).outcome.order.index(ideal(lists, judge)[0]))
        return sum(places) / len(places)

    assert mean_place(100.0) < 1.0
    assert mean_place(100.0) <= mean_place(4.0) < 6.5


def test_steps_show_the_order_after_each_pass_and_round():
    lists, judge = candidates(8), PerfectJudge(seed=4)
    truth = ideal(lists, judge)
    passes = [step for step in drive(PrpSliding(k=3), lists, judge).outcome.steps if step.order is not None]
    assert [step.order[: i + 1] for i, step in enumerate(passes)] == [truth[:1], truth[:2], truth[:3]]
    assert passes[0].note == f"d{truth[0]} is number 1"
    steps = drive(Quickselect(k=3), lists, judge).outcome.steps
    assert steps[0].note == "7 pairs compared, 0 of them tied"
    assert steps[-1].order[:3] == truth[:3]
    assert steps[-1].round <= math.ceil(math.log2(8)) + 4
