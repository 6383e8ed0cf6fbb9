"""TourRank: stages, points, calls, the two best, and judges that follow places."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.requests import GenerateAnswer
from core.strategies.tournament.stages import stages, strided
from core.strategies.tournament.tourrank import TourRank
from tests.support.judges import (
    FirstPlaceJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    documents_of,
    drive,
    ideal,
)


def plan(n, group=20):
    return [(stage.size, stage.groups, stage.target) for stage in stages(n, group)]


def test_the_published_stages():
    assert plan(100) == [(100, 5, 50), (50, 5, 20), (20, 1, 10), (10, 1, 5), (5, 1, 2)]
    first, second = list(stages(100, 20))[:2]
    assert [first.chosen(group) for group in range(5)] == [10] * 5
    assert [second.chosen(group) for group in range(5)] == [4] * 5
    assert strided(range(100), 5)[1] == list(range(1, 100, 5))


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (2, [(2, 1, 1)]),
        (3, [(3, 1, 2)]),
        (10, [(10, 1, 5), (5, 1, 2)]),
        (20, [(20, 1, 10), (10, 1, 4), (4, 1, 2)]),
        (25, [(25, 2, 13), (13, 2, 5), (5, 1, 2)]),
        (1000, [(1000, 50, 500), (500, 50, 200), (200, 10, 20), (20, 1, 10), (10, 1, 5), (5, 1, 2)]),
    ],
)
def test_stages_of_other_sizes(n, expected):
    assert plan(n) == expected


@given(st.integers(2, 600), st.integers(5, 40))
def test_stages_fit_together(n, group):
    found = list(stages(n, group))
    assert found[0].size == n
    assert found[-1].target == (1 if n == 2 else 2)
    assert all(after.size == before.target < before.size for before, after in pairwise(found))
    for stage in found:
        sizes = [len(seats) for seats in strided(range(stage.size), stage.groups)]
        chosen = [stage.chosen(index) for index in range(stage.groups)]
        assert max(sizes) <= group
        assert sum(chosen) == stage.target
        assert all(2 <= count <= size or stage.groups == 1 for count, size in zip(chosen, sizes, strict=True))


def test_points_of_one_tournament_of_a_hundred():
    lists, judge = candidates(100), PerfectJudge(seed=8)
    outcome = drive(TourRank(tournaments=1), lists, judge).outcome
    assert Counter(outcome.scores) == {0.0: 50, 1.0: 30, 2.0: 10, 3.0: 5, 4.0: 3, 5.0: 2}
    assert set(outcome.order[:2]) == set(ideal(lists, judge)[:2])


@pytest.mark.parametrize("tournaments", [1, 3, 10])
def test_thirteen_calls_a_tournament_in_five_rounds(tournaments):
    strategy = TourRank(tournaments=tournaments)
    driven = drive(strategy, candidates(100), PerfectJudge())
    assert driven.calls == strategy.forecast(100) == 13 * tournaments
    assert len(driven.rounds) == 5
    assert sum(driven.outcome.scores) == tournaments * (50 + 20 + 10 + 5 + 2)


@settings(max_examples=40)
@given(st.integers(2, 130), st.integers(1, 3), st.integers(5, 30), st.integers(0, 40))
def test_the_two_best_come_out(n, tournaments, group, seed):
    lists, judge = candidates(n), PerfectJudge(seed=seed)
    strategy = TourRank(tournaments=tournaments, group=group, seed=seed)
    driven = drive(strategy, lists, judge)
    assert set(driven.outcome.order[:2]) == set(ideal(lists, judge)[:2])
    assert driven.calls == strategy.forecast(n)
    assert sum(driven.outcome.scores) == tournaments * sum(target for _, _, target in plan(n, group))


def test_two_documents_play_one_match():
    lists = candidates(2)
    for seed in range(6):
        judge = PerfectJudge(seed=seed)
        for tournaments in (1, 10):
            assert drive(TourRank(tournaments=tournaments), lists, judge).outcome.order == ideal(lists, judge)


@pytest.mark.parametrize("n", [3, 10, 25, 57, 100])
@pytest.mark.parametrize(
    "judge", [TieJudge(), FirstPlaceJudge(), RefusingJudge()], ids=lambda judge: type(judge).__name__
)
def test_judges_without_an_opinion_leave_the_first_stage_order(n, judge):
    outcome = drive(TourRank(), candidates(n), judge).outcome
    assert outcome.order == tuple(range(n))
    assert outcome.repairs


def test_groups_are_seated_anew_in_every_tournament():
    first = drive(TourRank(), candidates(10), PerfectJudge()).rounds[0]
    seats = [documents_of(request.prompt) for request in first]
    assert len(set(seats)) == len(seats) == 10
    assert {frozenset(ids) for ids in seats} == {frozenset(candidates(10).ids)}
    again = drive(TourRank(seed=1), candidates(10), PerfectJudge()).rounds[0]
    assert [documents_of(request.prompt) for request in again] != seats


class Says:
    def __init__(self, text, finished=True):
        self.text, self.finished = text, finished

    def answer(self, request):
        return GenerateAnswer(text=self.text, finished=self.finished)


@pytest.mark.parametrize(
    ("text", "finished", "named"),
    [
        ("Document 3, Document 1", True, [2, 0]),
        ("document #3, 1", True, [2]),
        ("[3], [1]", True, [2, 0]),
        ("3, 1", True, [2, 0]),
        ("Document 3, Document 1", False, [2]),  # Document 1 may have been Document 12
        ("Document 0, Document 99, Document 2", True, [1]),
        ("Document 3, Document 3", True, [2]),
        ("<think>Document 1</think>Document 4", True, [3]),
        ("Document", True, []),
        ("I have read Document 3.", True, []),
    ],
)
def test_who_goes_on(text, finished, named):
    lists = candidates(4)
    driven = drive(TourRank(tournaments=1), lists, Says(text, finished))
    (request,) = driven.requests
    shown = [int(id[1:]) for id in documents_of(request.prompt)]
    winners = [shown[place] for place in named]
    winners = (winners + [position for position in range(4) if position not in winners])[:2]
    assert list(driven.outcome.scores) == [float(position in winners) for position in range(4)]


@settings(max_examples=30)
@given(st.integers(0, 45), st.integers(0, 60))
def test_nonsense_in_permutation_out(n, seed):
    outcome = drive(TourRank(tournaments=2), candidates(n), NonsenseJudge(seed=seed)).outcome
    assert sorted(outcome.order) == list(range(n))


def test_the_conversation():
    (request,) = drive(TourRank(tournaments=1), candidates(3), PerfectJudge()).requests
    turns = ["".join(part.text for part in message.parts) for message in request.prompt.messages]
    assert [message.role for message in request.prompt.messages] == [
        "system", "user", "assistant", *["user", "assistant"] * 3, "user",
    ]  # fmt: skip
    assert turns[3].startswith("Document 1: passage number ")
    assert turns[4] == "I have read Document 1."
    assert "2 documents" in turns[-1]
    assert (request.wanted.kind, request.wanted.count) == ("top", 2)


def test_steps_and_thoughts():
    outcome = drive(TourRank(tournaments=1), candidates(3), Says("<think>dogs</think>Document 2, Document 3")).outcome
    assert outcome.reasoning == ("Stage 1, tournament 1, group 1: dogs",)
    assert [step.note for step in outcome.steps] == ["3 to 2 in 1 groups, 1 tournaments"]
    assert outcome.steps[-1].order == outcome.order
