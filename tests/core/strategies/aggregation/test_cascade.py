"""Cascades: the head in the second member's order, the tail in the first one's, and what each member is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import BadAnswerError
from core.domain.requests import RankAnswer
from core.strategies.aggregation.cascade import Cascade
from tests.support.judges import PerfectJudge, candidates, drive


class Member:
    """Gives a fixed order of whatever it is given, and keeps what it was given."""

    def __init__(self, *order, scores=None):
        self.order, self.scores, self.given = order, scores, []

    def __call__(self, lists):
        self.given.append(lists)
        return RankAnswer(order=self.order, scores=self.scores)


def cascade(n, first, second, keep):
    return drive(Cascade(keep=keep), candidates(n), PerfectJudge(), members=(first, second))


def test_the_second_member_orders_the_head_and_the_tail_stays():
    first, second = Member(4, 2, 0, 1, 3), Member(2, 0, 1)
    driven = cascade(5, first, second, keep=3)
    assert driven.outcome.order == (0, 4, 2, 1, 3)  # the head 4 2 0 in the order third, first, second
    assert driven.outcome.scores is None
    assert [len(asked) for asked in driven.rounds] == [1, 1]
    assert driven.calls == 0


def test_the_second_member_sees_the_first_ones_order_and_scores():
    scored = Member(2, 0, 1, scores=(0.5, 0.1, 0.9))
    second = Member(0, 1)
    cascade(3, scored, second, keep=2)
    (head,) = second.given
    assert head.ids == ("d2", "d0")
    assert head.first_stage_scores == (0.9, 0.5)
    unscored = Member(0, 1)
    cascade(3, Member(2, 0, 1), unscored, keep=2)
    assert unscored.given[0].first_stage_scores is None


@given(st.permutations(range(7)), st.permutations(range(7)), st.integers(2, 9))
def test_nothing_crosses_the_border(first, second, keep):
    head = min(keep, 7)
    within = tuple(position for position in second if position < head)
    order = cascade(7, Member(*first), Member(*within), keep=keep).outcome.order
    assert order[:head] == tuple(first[place] for place in within)
    assert order[head:] == tuple(first[head:])


@pytest.mark.parametrize(("first", "second"), [((0, 0, 1), (0, 1)), ((0, 1), (0, 1)), ((0, 1, 2), (1,))])
def test_a_member_that_leaves_out_a_document_is_refused(first, second):
    with pytest.raises(BadAnswerError, match="each must stand once"):
        cascade(3, Member(*first), Member(*second), keep=2)


def test_what_each_member_is_given():
    assert [Cascade(keep=20).member_documents(member, 100) for member in (0, 1)] == [100, 20]
    assert [Cascade(keep=20).member_documents(member, 7) for member in (0, 1)] == [7, 7]
