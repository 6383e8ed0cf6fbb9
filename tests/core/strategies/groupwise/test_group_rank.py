"""GroupRank: every document graded in every epoch, omissions left out of the mean, the weight of the first stage."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.requests import GenerateAnswer
from core.strategies.groupwise.group_rank import GroupRank
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


class Grader:
    """Gives the grades of a table, leaves out what has none there."""

    def __init__(self, table, extra=""):
        self.table, self.extra = table, extra

    def answer(self, request):
        ids = documents_of(request.prompt)
        grades = {str(place): self.table[id] for place, id in enumerate(ids, start=1) if id in self.table}
        return GenerateAnswer(text=f"{self.extra}<answer>{json.dumps(grades)}</answer>")


@pytest.mark.parametrize(("n", "calls"), [(0, 0), (1, 0), (2, 2), (10, 2), (11, 4), (25, 6), (100, 20)])
def test_calls(n, calls):
    driven = drive(GroupRank(), candidates(n), PerfectJudge())
    assert driven.calls == GroupRank().forecast(n) == calls
    assert len(driven.rounds) == int(n > 1)


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(1, 12), st.integers(1, 4), st.integers(0, 3))
def test_every_document_is_graded_once_per_epoch(n, group, epochs, seed):
    lists = candidates(n)
    driven = drive(GroupRank(group=group, epochs=epochs, seed=seed), lists, PerfectJudge())
    seen = Counter(id for request in driven.requests for id in documents_of(request.prompt))
    assert seen == dict.fromkeys(lists.ids, epochs)
    assert max(len(documents_of(request.prompt)) for request in driven.requests) <= group


def test_epochs_seeds_and_queries_mix_other_groups():
    def groups(query="boats", **values):
        return [
            documents_of(r.prompt) for r in drive(GroupRank(**values), candidates(9, query), PerfectJudge()).requests
        ]

    first, second = groups(group=9)
    assert first != second
    assert groups(group=9) == [first, second]
    assert groups(group=9, seed=1)[0] != first != groups("ships", group=9)[0]


def test_grades_alone_give_the_judge_s_order():
    worths = {f"d{number}": ((number * 7) % 11) / 10 for number in range(11)}
    lists, judge = candidates(11), PerfectJudge(worths=worths)
    outcome = drive(GroupRank(alpha=1.0), lists, judge).outcome
    assert outcome.order == ideal(lists, judge)
    assert outcome.scores == pytest.approx([worths[id] for id in lists.ids])


def test_the_formula_by_hand():
    lists = replace(candidates(4), first_stage_scores=(9.0, 5.0, 3.0, 1.0))
    outcome = drive(GroupRank(), lists, Grader({"d0": 2, "d1": 8, "d3": 10})).outcome
    # 0.6 * grade / 10 + 0.4 * first stage; d2 was never graded and keeps its first-stage share of 2/8
    assert outcome.scores == pytest.approx((0.6 * 0.2 + 0.4, 0.6 * 0.8 + 0.4 * 0.5, 0.25, 0.6))
    assert outcome.order == (1, 3, 0, 2)
    assert [repair.split(": ")[1] for repair in outcome.repairs] == ["1 not graded"] * 2


def test_an_omission_is_no_zero():
    class Forgets(Grader):
        def answer(self, request):
            whole = documents_of(request.prompt)[0] == first
            return Grader(self.table if whole else {"d0": 5}).answer(request)

    lists = candidates(3)
    strategy = GroupRank(alpha=1.0)
    first = documents_of(drive(strategy, lists, PerfectJudge()).requests[0].prompt)[0]
    outcome = drive(strategy, lists, Forgets({"d0": 5, "d1": 8, "d2": 2})).outcome
    assert outcome.scores == pytest.approx((0.5, 0.8, 0.2))


def test_ties_and_silence_leave_the_order():
    for judge in (TieJudge(), RefusingJudge()):
        for strategy in (GroupRank(), GroupRank(alpha=1.0), GroupRank(alpha=0.0)):
            assert drive(strategy, candidates(23), judge).outcome.order == tuple(range(23))
    silent = drive(GroupRank(), candidates(3), RefusingJudge()).outcome
    assert silent.steps[-1].note.endswith("3 of 3 documents were never graded")
    assert drive(GroupRank(alpha=0.0), candidates(9), PerfectJudge()).outcome.order == tuple(range(9))


@given(st.integers(0, 25), st.integers(0, 60))
def test_nonsense_in_permutation_out(n, seed):
    assert sorted(drive(GroupRank(group=4), candidates(n), NonsenseJudge(seed=seed)).outcome.order) == list(range(n))


def test_reasons_are_shown():
    judge = Grader({"d0": 1, "d1": 2}, extra="<reason>the second names dogs</reason>")
    outcome = drive(GroupRank(epochs=1), candidates(2), judge).outcome
    assert outcome.reasoning == ("Epoch 1, group 1: the second names dogs",)
    assert outcome.steps[0].note in ("epoch 1, group 1: #1 1, #2 2", "epoch 1, group 1: #2 2, #1 1")
    assert outcome.steps[-1].order == outcome.order == (0, 1)


def test_sampling_has_another_seed_in_every_epoch():
    requests = drive(GroupRank(temperature=0.3, seed=5), candidates(4), PerfectJudge()).requests
    assert [(request.temperature, request.seed) for request in requests] == [(0.3, 5), (0.3, 6)]
    assert {request.seed for request in drive(GroupRank(seed=5), candidates(4), PerfectJudge()).requests} == {0}
