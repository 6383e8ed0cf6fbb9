"""Setwise sorting: exact heads with a consistent judge, published numbers of questions, ties, votes, labels."""

import math
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.requests import GenerateAnswer, LabelAnswer
from core.strategies.judges import asked
from core.strategies.setwise.ballots import LikelihoodBallot, WrittenBallot, labels_of
from core.strategies.setwise.bubble import SetwiseBubble
from core.strategies.setwise.bubble_selection import pass_windows
from core.strategies.setwise.heap import SetwiseHeap
from core.strategies.setwise.rank_r1 import RankR1
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
    uniform,
)

BOTH = (SetwiseHeap, SetwiseBubble)


@pytest.mark.parametrize("make", [*BOTH, RankR1])
@pytest.mark.parametrize("mode", ["likelihood", "generation"])
@settings(max_examples=25)
@given(n=st.integers(2, 45), k=st.integers(1, 50), children=st.integers(1, 40), seed=st.integers(0, 20))
def test_a_perfect_judge_gives_the_exact_top_k(make, mode, n, k, children, seed):
    lists, judge = candidates(n), PerfectJudge(seed=seed)
    strategy = make(k=k, children=children, **({} if make is RankR1 else {"mode": mode}))
    before = repr(lists)
    driven = drive(strategy, lists, judge)
    truth = ideal(lists, judge)
    assert driven.outcome.order[:k] == truth[:k]
    assert list(driven.outcome.order[k:]) == sorted(truth[k:])  # the rest as in the first stage
    assert driven.outcome.repairs == ()
    assert repr(lists) == before


@pytest.mark.parametrize(("children", "published"), [(2, 140), (3, 82), (9, 31), (19, 23)])
def test_heap_asks_as_often_as_published(children, published):
    calls = [
        drive(SetwiseHeap(children=children), candidates(100), PerfectJudge(seed=seed)).calls for seed in range(12)
    ]
    mean = sum(calls) / len(calls)
    assert mean == pytest.approx(published, rel=0.03)
    assert SetwiseHeap(children=children).forecast(100) == pytest.approx(mean, rel=0.1)


@pytest.mark.parametrize(("children", "plain", "shortened"), [(2, 475, 462), (3, 318, 305), (9, 109, 98), (19, 54, 47)])
def test_bubble_asks_less_than_the_plain_algorithm_and_the_shortcut_that_errs(children, plain, shortened):
    strategy = SetwiseBubble(children=children)
    calls = [drive(strategy, candidates(100), PerfectJudge(seed=seed)).calls for seed in range(8)]
    assert pass_windows(100, 10, children) == plain
    assert max(calls) <= plain
    assert sum(calls) / len(calls) < shortened
    assert strategy.forecast(100) == pytest.approx(sum(calls) / len(calls), rel=0.1)


@pytest.mark.parametrize("strategy", [SetwiseHeap(), SetwiseBubble(), SetwiseBubble(children=9), RankR1(children=2)])
def test_estimates_for_short_lists_are_means(strategy):
    calls = [drive(strategy, candidates(20), PerfectJudge(seed=seed)).calls for seed in range(16)]
    assert strategy.forecast(20) == pytest.approx(sum(calls) / len(calls), rel=0.08)
    assert strategy.forecast(2) == 1
    assert strategy.forecast(1) == strategy.forecast(0) == 0


@pytest.mark.parametrize("make", BOTH)
def test_nothing_is_asked_twice_and_questions_are_in_first_stage_order(make):
    questions = [documents_of(request.prompt) for request in drive(make(), candidates(40), PerfectJudge()).requests]
    assert len({frozenset(ids) for ids in questions}) == len(questions)
    assert all(list(ids) == sorted(ids, key=lambda id: int(id[1:])) for ids in questions)
    assert all(2 <= len(ids) <= 4 for ids in questions)


@pytest.mark.parametrize("judge", [TieJudge(), RefusingJudge(), FirstPlaceJudge()])
@pytest.mark.parametrize("mode", ["likelihood", "generation"])
@pytest.mark.parametrize("make", BOTH)
def test_a_judge_without_an_opinion_leaves_the_first_stage_order(make, mode, judge):
    for k in (1, 7, 100):
        driven = drive(make(mode=mode, k=k), candidates(23), judge)
        assert driven.outcome.order == tuple(range(23))
        count = driven.calls if isinstance(judge, RefusingJudge) else 0
        assert driven.outcome.repairs == (
            (f"{count} answers without a label; the first stage decided",) if count else ()
        )


@pytest.mark.parametrize("make", [*BOTH, RankR1])
@pytest.mark.parametrize("judge", [IntransitiveJudge(), NoisyJudge(), NonsenseJudge(seed=4)])
def test_contradictions_and_nonsense_still_end_in_a_permutation_in_bounds(make, judge):
    strategy = make(k=5, children=3)
    for n in (2, 3, 4, 5, 19, 31):
        driven = drive(strategy, candidates(n), judge)
        assert sorted(driven.outcome.order) == list(range(n))
        bound = math.ceil((n - 1) / 3) * 3 + 5 * 4 if make is not SetwiseBubble else pass_windows(n, 5, 3)
        assert driven.calls <= max(bound, 1)


@dataclass
class Biased:
    """Names the first passage shown in a share of all questions, else the best one."""

    perfect: PerfectJudge
    share: float

    def answer(self, request):
        ids = documents_of(request.prompt)
        best = min(range(len(ids)), key=lambda place: self.perfect.order(ids, request).index(place))
        said = 0 if uniform(0, asked(request)) < self.share else best
        return GenerateAnswer(text=labels_of(len(ids))[said])


def test_more_votes_outvote_a_bias_for_places():
    """A judge that takes the first place half of the time misses the best; shuffled votes find it."""
    found = {}
    for votes in (1, 25):
        strategy = SetwiseHeap(mode="generation", votes=votes, k=1, children=4)
        hits = 0
        for seed in range(8):
            judge, lists = PerfectJudge(seed=seed), candidates(20)
            driven = drive(strategy, lists, Biased(judge, 0.5))
            hits += driven.outcome.order[0] == ideal(lists, judge)[0]
            assert all(len(requests) == votes for requests in driven.rounds)
        found[votes] = hits
    assert found[25] == 8 > found[1]


def test_votes_see_other_orders_that_the_seed_decides():
    orders = {}
    for seed in (0, 1):
        driven = drive(SetwiseHeap(votes=6, children=5, seed=seed, k=1), candidates(6), PerfectJudge())
        orders[seed] = [documents_of(request.prompt) for request in driven.requests]
        assert {frozenset(ids) for ids in orders[seed]} == {frozenset(f"d{n}" for n in range(6))}
        assert len(set(orders[seed])) > 3
        assert driven.outcome.order[0] == ideal(candidates(6), PerfectJudge())[0]
    assert orders[0] != orders[1]


def test_one_vote_more_decides_and_ties_go_to_the_first_stage():
    said = iter(["B", "A", "nothing", "B", "A"])

    class Says:
        def answer(self, request):
            names = dict(zip(labels_of(2), documents_of(request.prompt), strict=True))
            wanted = {"A": "d0", "B": "d1"}.get(next(said))
            return GenerateAnswer(text=next((label for label, id in names.items() if id == wanted), "?"))

    outcome = drive(SetwiseHeap(mode="generation", votes=5), candidates(2), Says()).outcome
    assert outcome.order == (0, 1)  # two votes each, one that cannot be read
    assert outcome.repairs == ("1 answer without a label; the first stage decided",)


def test_labels_do_not_begin_one_another():
    for count in (2, 26, 27, 99):
        labels = labels_of(count)
        assert len(set(labels)) == count
        assert {len(label) for label in labels} == {1 if count <= 26 else 2}
    assert labels_of(3) == ("A", "B", "C")
    assert labels_of(30)[::29] == ("01", "30")


def test_likelihood_sums_spellings_and_keeps_ties():
    ballot = LikelihoodBallot()
    halves = (math.log(0.2), math.log(0.3), None, math.log(0.2), None, None)  # A, B, C, " A", " B", " C"
    assert ballot.read(LabelAnswer(logprobs=halves), 3) == (0,)  # 0.4 against 0.3
    assert ballot.read(LabelAnswer(logprobs=(-1.0, None, -1.0, None, None, None)), 3) == (0, 2)
    assert ballot.read(LabelAnswer(logprobs=(None,) * 6), 3) == ()


def test_prompts_are_the_same_in_both_modes_and_name_all_labels():
    documents = candidates(3).documents
    likelihood = LikelihoodBallot().request("where", documents)
    written = WrittenBallot(max_tokens=9).request("where", documents)
    assert likelihood.prompt == written.prompt
    assert likelihood.labels == ("A", "B", "C", " A", " B", " C")
    assert (written.max_tokens, written.wanted.names) == (9, ("A", "B", "C"))
    user = "".join(part.text for part in likelihood.prompt.messages[1].parts)
    assert user == (
        "Passage A:\n<passage>\npassage number 0\n</passage>\n\n"
        "Passage B:\n<passage>\npassage number 1\n</passage>\n\n"
        "Passage C:\n<passage>\npassage number 2\n</passage>\n\n"
        "Query: where\n\nWhich passage answers the query best? Reply with its label, one of A to C."
    )


def test_steps_tell_the_winners_and_the_head():
    lists, judge = candidates(6), PerfectJudge(seed=2)
    driven = drive(SetwiseHeap(children=2, k=2), lists, judge)
    truth = ideal(lists, judge)
    placed = [step for step in driven.outcome.steps if step.order is not None]
    assert [step.order[: i + 1] for i, step in enumerate(placed)] == [truth[:1], truth[:2]]
    assert placed[0].note == f"d{truth[0]} is number 1"
    rounds = Counter(step.round for step in driven.outcome.steps if step.order is None)
    assert rounds == dict.fromkeys(range(1, len(driven.rounds) + 1), 1)
