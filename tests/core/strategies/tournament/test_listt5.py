"""ListT5: exact input, exact best k, calls of the published tournament, what is read of answers."""

import random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.requests import GenerateAnswer
from core.strategies.base import registered
from core.strategies.tournament.bracket import Bracket
from core.strategies.tournament.listt5 import ListT5, _places
from tests.support.judges import (
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    documents_of,
    drive,
    ideal,
)


def held(n, worths, k=10, size=5, keep=2):
    """The winners of one tournament with a perfect judge, its calls and its rounds."""
    bracket = Bracket(n=n, k=k, size=size, keep=keep)
    calls = rounds = 0
    asked = []
    while groups := bracket.groups():
        calls, rounds = calls + len(groups), rounds + 1
        asked += groups
        bracket.enter({group: sorted(group, key=worths.__getitem__) for group in groups})
    assert len({frozenset(group) for group in asked}) == len(asked)  # nothing is asked twice
    assert {len(group) for group in asked} <= {size}  # every group is full
    return bracket.winners, calls, rounds


def test_only_trained_models_fit():
    info = registered()["listt5"]
    assert dict(info.slots)["model"].format == "listt5"


@pytest.mark.parametrize(("n", "calls", "runs"), [(20, 38, 60), (50, 61, 40), (100, 94, 30), (1000, 421, 3)])
def test_calls_are_those_of_the_published_tournament(n, calls, runs):
    counts = []
    for seed in range(runs):
        worths = random.Random(seed).sample(range(n), n)
        winners, made, _ = held(n, worths)
        assert winners == sorted(range(n), key=lambda item: -worths[item])[:10]
        counts.append(made)
    assert mean(counts) == pytest.approx(calls, rel=0.02)


def test_one_hundred_candidates_level_by_level():
    bracket = Bracket(n=100, k=1, size=5, keep=2)
    sizes = []
    while groups := bracket.groups():
        sizes.append(len(groups))
        bracket.enter({group: sorted(group, reverse=True) for group in groups})  # the first candidate is the best
    assert sizes == [20, 8, 4, 2, 1]
    assert bracket.winners == [0]


@given(st.integers(1, 60), st.integers(1, 15), st.integers(2, 8), st.data())
def test_the_best_k_are_exact(n, k, size, data):
    keep = data.draw(st.integers(1, size // 2))
    worths = data.draw(st.permutations(range(n)))
    winners, _, _ = held(n, worths, k, size, keep)
    best = sorted(range(n), key=lambda item: -worths[item])
    assert winners == best[: len(winners)]
    assert len(winners) >= min(k, n)


def test_the_input_is_that_of_the_checkpoint():
    documents = (
        Document(id="a", text="Dogs travel free.", title="Fares"),
        Document(id="b", text="No."),
        Document(id="c", text=""),
    )
    lists = CandidateList(query=Query(id="q", text="dog fares?"), documents=documents)
    (request,) = drive(ListT5(), lists, PerfectJudge()).requests
    assert ["".join(p.text for m in prompt.messages for p in m.parts) for prompt in request.prompts] == [
        "Query: dog fares?, Index: 1, Context: Fares Dogs travel free.",
        "Query: dog fares?, Index: 2, Context: Fares Dogs travel free.",
        "Query: dog fares?, Index: 3, Context: No.",
        "Query: dog fares?, Index: 4, Context: No.",
        "Query: dog fares?, Index: 5, Context: ",
    ]  # filled up with dummies: the checkpoint was trained on five
    assert [documents_of(prompt) for prompt in request.prompts] == [("a",), ("a",), ("b",), ("b",), ("c",)]
    assert (request.max_tokens, request.wanted.kind, request.wanted.names) == (6, "worst-first", tuple("12345"))


@pytest.mark.parametrize("n", [2, 5, 6, 9, 10, 11, 25, 100])
def test_a_perfect_judge_gives_the_best_ten(n):
    lists, judge = candidates(n), PerfectJudge(seed=n)
    driven = drive(ListT5(), lists, judge)
    best = ideal(lists, judge)[:10]
    assert driven.outcome.order[:10] == best
    rest = [place for place in range(n) if place not in driven.outcome.order[: len(best)]]
    assert n <= 15 or list(driven.outcome.order[10:]) == rest  # in first-stage order
    assert driven.outcome.repairs == ()
    assert driven.outcome.steps[-1].order == driven.outcome.order
    assert driven.calls == pytest.approx(ListT5().forecast(n), rel=0.35, abs=3)


def test_ties_and_silence_leave_the_order():
    for judge in (TieJudge(), RefusingJudge()):
        assert drive(ListT5(), candidates(40), judge).outcome.order == tuple(range(40))
    outcome = drive(ListT5(), candidates(3), RefusingJudge()).outcome
    assert outcome.repairs == ("round 1: no number; order kept",)


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 60))
def test_nonsense_in_permutation_out(n, seed):
    assert sorted(drive(ListT5(), candidates(n), NonsenseJudge(seed=seed)).outcome.order) == list(range(n))


@pytest.mark.parametrize(
    ("text", "places", "repair"),
    [
        ("3 1 4 2 5", [2, 0, 3, 1, 4], ""),
        ("5 5 2", [3, 2, 0, 4, 1], "3 missing, 1 repeated or out of range"),
        ("7 0 1", [4, 3, 2, 1, 0], "4 missing, 2 repeated or out of range"),
        ("", [4, 3, 2, 1, 0], "no number; order kept"),
        ("²³ 1.5 -2 x3", [4, 3, 2, 1, 0], "no number; order kept"),
    ],
)
def test_what_is_read_of_a_text(text, places, repair):
    assert _places(text, 5) == (places, repair)


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_any_text_gives_an_order(text):
    class Parrot:
        def answer(self, request):
            return GenerateAnswer(text=text)

    assert sorted(drive(ListT5(), candidates(13), Parrot()).outcome.order) == list(range(13))


def test_tournaments_that_would_not_end_are_refused():
    for size, keep in ((5, 3), (3, 2), (5, 0)):
        with pytest.raises(InvalidInputError, match="keep"):
            ListT5(group=size, keep=keep)
