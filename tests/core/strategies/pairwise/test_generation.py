"""Comparisons that the model writes: the same verdicts, read out of text."""

import pytest

from core.domain.requests import Generate, GenerateAnswer
from core.strategies.pairwise.comparison import Asked, comparison, silent, verdict
from core.strategies.pairwise.prp_all_pair import PrpAllPair
from core.strategies.pairwise.prp_bubble import PrpBubble
from core.strategies.pairwise.prp_heapsort import PrpHeapsort
from core.strategies.pairwise.prp_sliding import PrpSliding
from core.strategies.pairwise.quickselect import Quickselect
from core.strategies.resolve import resolve
from core.strategies.snippets import snippet
from tests.support.judges import (
    FirstPlaceJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    drive,
    find_model,
    ideal,
)

ALL = (PrpAllPair, PrpHeapsort, PrpBubble, PrpSliding, Quickselect)


def said(text, finished=True):
    return GenerateAnswer(text=text, finished=finished)


@pytest.mark.parametrize(
    ("forward", "backward", "expected"),
    [
        ("A", "B", 1),
        ("Passage A", "Passage B is better.", 1),
        ("B", "A", -1),
        ("A", "A", 0),
        ("A", "Both are fine", 0),
        ("<think>B or A</think>A", "[B]", 1),
        ("", "", 0),
    ],
)
def test_texts_give_the_same_verdicts_as_labels(forward, backward, expected):
    assert verdict(said(forward), said(backward)) == expected
    assert verdict(said(backward), said(forward)) == -expected


def test_what_counts_as_silence():
    assert silent(said("neither"))
    assert silent(said("Passage A", finished=False))  # cut: it may have become another word
    assert not silent(said("A."))


def test_the_prompt_is_the_same_in_both_modes():
    first, second = candidates(2).documents
    scored = comparison("q", first, second)
    written = comparison("q", first, second, Asked(mode="generation", max_tokens=7))
    assert [request.prompt for request in written] == [request.prompt for request in scored]
    assert all(isinstance(request, Generate) and request.max_tokens == 7 for request in written)
    assert [request.wanted.names for request in written] == [("A", "B")] * 2


@pytest.mark.parametrize("make", ALL)
def test_every_strategy_does_the_same_with_written_answers(make):
    lists, judge = candidates(18), PerfectJudge(seed=5)
    scored, written = drive(make(), lists, judge), drive(make(mode="generation"), lists, judge)
    assert written.outcome == scored.outcome
    assert written.outcome.order[:10] == ideal(lists, judge)[:10]
    assert written.calls == scored.calls
    assert len(written.rounds) == len(scored.rounds)
    assert {type(request) for request in written.requests} == {Generate}


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("judge", [TieJudge(), FirstPlaceJudge(), RefusingJudge()])
def test_no_consistent_answer_leaves_the_first_stage_order(make, judge):
    outcome = drive(make(mode="generation"), candidates(16), judge).outcome
    assert outcome.order == tuple(range(16))
    assert bool(outcome.repairs) == isinstance(judge, RefusingJudge)


@pytest.mark.parametrize("make", ALL)
def test_nonsense_ends_in_a_permutation(make):
    for seed in range(4):
        outcome = drive(make(mode="generation"), candidates(13), NonsenseJudge(seed=seed)).outcome
        assert sorted(outcome.order) == list(range(13))


def test_thoughts_are_kept():
    class Thinks(PerfectJudge):
        def text(self, request):
            return f"<think>Hm.</think>{super().text(request)}"

    outcome = drive(PrpAllPair(mode="generation"), candidates(2), Thinks()).outcome
    assert outcome.reasoning == ("d0 or d1: Hm.", "d0 or d1: Hm.")


@pytest.mark.parametrize("name", ["prp-all-pair", "prp-heapsort"])
def test_code_to_copy_is_for_scored_labels_alone(name):
    places = {"big.lm": "/models/big"}
    assert snippet(resolve(f"{name}:big.lm", find_model), places=places).standalone
    assert not snippet(resolve(f"{name}:big.lm?mode=generation", find_model), places=places).standalone
