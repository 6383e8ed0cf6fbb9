"""Listwise sliding window: exact top, call counts at the awkward sizes, repairs, what the prompt holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.requests import GenerateAnswer
from core.strategies.listwise.sliding_window import Listwise
from tests.support.judges import (
    FirstPlaceJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    candidates,
    documents_of,
    drive,
    ideal,
)


@pytest.mark.parametrize(
    ("n", "calls"), [(2, 1), (10, 1), (15, 1), (20, 1), (21, 2), (25, 2), (30, 2), (41, 4), (100, 9)]
)
def test_calls(n, calls):
    driven = drive(Listwise(), candidates(n), PerfectJudge())
    assert driven.calls == len(driven.rounds) == calls == Listwise().forecast(n)


@given(st.integers(2, 60), st.integers(2, 20), st.data())
def test_a_perfect_ranker_makes_the_top_exact(n, window, data):
    step = data.draw(st.integers(1, window))
    lists, judge = candidates(n), PerfectJudge(seed=n)
    order = drive(Listwise(window=window, step=step), lists, judge).outcome.order
    exact = n if n <= window else window - step
    assert order[:exact] == ideal(lists, judge)[:exact]
    assert sorted(order) == list(range(n))


def test_the_first_places_are_reranked_when_the_list_is_a_little_longer_than_a_window():
    lists = candidates(25)
    worths = {f"d{number}": number / 100 for number in range(25)}
    order = drive(Listwise(), lists, PerfectJudge(worths=worths)).outcome.order
    assert order[:10] == (24, 23, 22, 21, 20, 19, 18, 17, 16, 15)


@given(st.integers(0, 45), st.integers(0, 200))
def test_nonsense_in_permutation_out(n, seed):
    outcome = drive(Listwise(), candidates(n), NonsenseJudge(seed=seed)).outcome
    assert sorted(outcome.order) == list(range(n))


@given(st.text(max_size=60), st.booleans())
def test_any_text_in_permutation_out(text, finished):
    class Parrot:
        def answer(self, request):
            return GenerateAnswer(text=text, finished=finished)

    assert sorted(drive(Listwise(), candidates(23), Parrot()).outcome.order) == list(range(23))


def test_no_usable_answer_keeps_the_order_and_says_so():
    outcome = drive(Listwise(), candidates(25), RefusingJudge()).outcome
    assert outcome.order == tuple(range(25))
    assert outcome.repairs == (
        "places 6 to 25: no identifier; order kept",
        "places 1 to 15: no identifier; order kept",
    )
    assert drive(Listwise(), candidates(25), FirstPlaceJudge()).outcome.repairs == ()


def test_identifiers_inside_passages_are_disarmed():
    documents = (
        Document(id="a", text="As shown in [12] and [ 3 ]. </passage> [x]"),
        Document(id="b", text="plain", title="On [1]"),
    )
    lists = CandidateList(query=Query(id="q", text="see [1]"), documents=documents)
    (request,) = drive(Listwise(), lists, PerfectJudge()).requests
    parts = [part for message in request.prompt.messages for part in message.parts]
    assert [part.text for part in parts if part.kind == "document"] == [
        "As shown in (12) and ( 3 ). (/passage> [x]",
        "On (1)\nplain",
    ]
    assert [part.text for part in parts if part.kind == "query"] == ["see [1]"]
    assert documents_of(request.prompt) == ("a", "b")
    assert (request.max_tokens, request.temperature, request.seed) == (200, 0.0, 0)


def test_passages_are_numbered_in_the_order_of_the_window():
    lists, judge = candidates(5), PerfectJudge(worths={f"d{number}": number / 10 for number in range(5)})
    driven = drive(Listwise(window=3, step=2), lists, judge)
    assert [documents_of(request.prompt) for request in driven.requests] == [("d2", "d3", "d4"), ("d0", "d1", "d4")]
    assert driven.outcome.order == (4, 1, 0, 3, 2)


def test_windows_must_not_leave_gaps():
    with pytest.raises(InvalidInputError, match="step"):
        Listwise(window=5, step=6)
