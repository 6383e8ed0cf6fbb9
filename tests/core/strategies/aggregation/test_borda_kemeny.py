"""Borda and Kemeny over members: the published example in which they differ, ties, invariances, costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.requests import Rank, RankAnswer
from core.strategies.aggregation.borda import Borda
from core.strategies.aggregation.kemeny import Kemeny
from tests.support.judges import PerfectJudge, candidates, drive


def member(*order, scores=None):
    return lambda _candidates: RankAnswer(order=order, scores=scores)


def fuse(strategy, n, members):
    return drive(strategy(members=len(members)), candidates(n), PerfectJudge(), members=members)


def test_borda_and_kemeny_differ_on_the_published_example():
    """Three members say 0 1 2, two say 1 2 0. Points: 3·2 + 0, 3·1 + 2·2, 2·1; the majority has 0 before 1."""
    members = [member(0, 1, 2)] * 3 + [member(1, 2, 0)] * 2
    borda, kemeny = fuse(Borda, 3, members), fuse(Kemeny, 3, members)
    assert borda.outcome.scores == (6.0, 7.0, 2.0)
    assert borda.outcome.order == (1, 0, 2)
    assert kemeny.outcome.order == (0, 1, 2)
    assert kemeny.outcome.scores is None
    assert kemeny.outcome.steps[0].note == "contradicts 4 of 15 pairwise opinions of the members"


@pytest.mark.parametrize("strategy", [Borda, Kemeny])
def test_all_members_are_asked_at_once_for_no_call(strategy):
    driven = fuse(strategy, 3, [member(2, 0, 1), member(2, 1, 0), member(0, 2, 1)])
    assert driven.rounds == (tuple(Rank(member=index, candidates=candidates(3)) for index in range(3)),)
    assert driven.calls == strategy(members=3).forecast(3) == 0
    assert driven.outcome.order == (2, 0, 1)


@pytest.mark.parametrize("strategy", [Borda, Kemeny])
def test_opposite_orders_tie_and_keep_the_first_stage_order(strategy):
    assert fuse(strategy, 4, [member(3, 2, 1, 0), member(0, 1, 2, 3)]).outcome.order == (0, 1, 2, 3)


@pytest.mark.parametrize("strategy", [Borda, Kemeny])
def test_documents_that_a_member_scores_the_same_are_no_opinion_of_it(strategy):
    """The second member lists 2 before 1 at one score: only the first member tells them apart."""
    tied = member(0, 2, 1, scores=(0.9, 0.4, 0.4))
    assert fuse(strategy, 3, [member(0, 1, 2), tied]).outcome.order == (0, 1, 2)
    assert fuse(strategy, 3, [tied, tied]).outcome.order == (0, 1, 2)


@pytest.mark.parametrize("strategy", [Borda, Kemeny])
@given(orders=st.lists(st.permutations(range(7)), min_size=2, max_size=5), random=st.randoms())
def test_the_order_of_the_members_means_nothing(strategy, orders, random):
    members = [member(*order) for order in orders]
    assert fuse(strategy, 7, members).outcome == fuse(strategy, 7, random.sample(members, len(members))).outcome


@pytest.mark.parametrize("strategy", [Borda, Kemeny])
@given(order=st.permutations(range(18)), count=st.integers(2, 4))
def test_agreeing_members_are_followed(strategy, order, count):
    assert fuse(strategy, 18, [member(*order)] * count).outcome.order == tuple(order)
