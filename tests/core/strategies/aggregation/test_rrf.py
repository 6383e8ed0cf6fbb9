"""Reciprocal rank fusion: hand-computed sums, absent documents, invariances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import BadAnswerError
from core.domain.requests import Rank, RankAnswer
from core.strategies.aggregation.rrf import ReciprocalRankFusion
from tests.support.judges import PerfectJudge, candidates, drive


def member(*order):
    return lambda _candidates: RankAnswer(order=order)


def fuse(n, members, k=60):
    strategy = ReciprocalRankFusion(members=len(members), k=k)
    return drive(strategy, candidates(n), PerfectJudge(), members=members)


def test_sums_of_reciprocal_ranks():
    driven = fuse(3, [member(2, 0, 1), member(2, 1, 0), member(0, 2, 1)])
    expected = (1 / 62 + 1 / 63 + 1 / 61, 1 / 63 + 1 / 62 + 1 / 63, 1 / 61 + 1 / 61 + 1 / 62)
    assert driven.outcome.scores == pytest.approx(expected, rel=1e-12)
    assert driven.outcome.order == (2, 0, 1)
    assert driven.requests == tuple(Rank(member=index, candidates=candidates(3)) for index in range(3))
    assert driven.calls == 0


def test_an_absent_document_adds_nothing():
    outcome = fuse(3, [member(1), member(1, 2)], k=0).outcome
    assert outcome.scores == (0.0, 2.0, 0.5)
    assert outcome.order == (1, 2, 0)


def test_opposite_orders_tie_and_keep_the_first_stage_order():
    outcome = fuse(2, [member(1, 0), member(0, 1)]).outcome
    assert outcome.scores[0] == outcome.scores[1]
    assert outcome.order == (0, 1)


@given(st.lists(st.permutations(range(8)), min_size=2, max_size=5), st.randoms())
def test_the_order_of_the_members_means_nothing(orders, random):
    members = [member(*order) for order in orders]
    shuffled = random.sample(members, len(members))
    assert fuse(8, members).outcome == fuse(8, shuffled).outcome


@given(st.permutations(range(8)), st.integers(2, 4))
def test_agreeing_members_are_followed(order, count):
    assert fuse(8, [member(*order)] * count).outcome.order == tuple(order)


@pytest.mark.parametrize("order", [(0, 0, 1), (0, 3), (-1, 0)])
def test_a_member_that_returns_no_ranking_is_refused(order):
    with pytest.raises(BadAnswerError, match="each may stand once"):
        fuse(3, [member(*order), member(0, 1, 2)])
