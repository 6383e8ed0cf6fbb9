"""What every strategy with windows keeps: calls, rounds, the top w - s, silence, passes, shuffles, the trace."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.domain.requests import GenerateAnswer, LabelAnswer, LabelLogprobs
from core.strategies.listwise.apeer import Apeer
from core.strategies.listwise.first import First
from core.strategies.listwise.first_trained import FirstTrained
from core.strategies.listwise.insert_rank import InsertRank
from core.strategies.listwise.lrl import Lrl
from core.strategies.listwise.rank_vicuna import RankVicuna
from core.strategies.listwise.rank_zephyr import RankZephyr
from core.strategies.listwise.rankgpt import RankGpt
from core.strategies.listwise.reason_rank import ReasonRank
from core.strategies.listwise.reason_rank_trained import ReasonRankTrained
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

WINDOWED = (RankGpt, First, FirstTrained, Lrl, Apeer, RankZephyr, RankVicuna, ReasonRank, ReasonRankTrained, InsertRank)
every = pytest.mark.parametrize("kind", WINDOWED, ids=lambda kind: kind.info.name)


class Parrot:
    """Says the same to everything."""

    def __init__(self, text: str, finished: bool = True) -> None:
        self.text, self.finished = text, finished

    def answer(self, request):
        if isinstance(request, LabelLogprobs):
            return LabelAnswer(logprobs=(-1.0,) * len(request.labels))
        return GenerateAnswer(text=self.text, finished=self.finished)


@every
@pytest.mark.parametrize("n", [0, 1, 2, 10, 11, 19, 20, 21, 25, 30, 100])
def test_calls_and_rounds(kind, n):
    strategy = kind(window=20, step=10)
    driven = drive(strategy, candidates(n), PerfectJudge(seed=n))
    expected = 1 + math.ceil(max(0, n - 20) / 10) if n > 1 else 0
    assert driven.calls == len(driven.rounds) == expected == strategy.forecast(n)


@every
@pytest.mark.parametrize(
    ("n", "window", "step"), [(1, 4, 2), (2, 4, 2), (4, 4, 2), (5, 4, 2), (25, 20, 10), (23, 6, 5)]
)
def test_a_perfect_judge_gets_the_best_of_a_pass(kind, n, window, step):
    lists, judge = candidates(n), PerfectJudge(seed=3)
    order = drive(kind(window=window, step=step), lists, judge).outcome.order
    exact = n if n <= window else window - step
    assert order[:exact] == ideal(lists, judge)[:exact]
    assert sorted(order) == list(range(n))


@every
def test_enough_passes_give_the_whole_order(kind):
    lists, judge = candidates(12), PerfectJudge(seed=1)
    strategy = kind(window=4, step=2, passes=6)  # every pass makes the next two places exact
    driven = drive(strategy, lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == strategy.forecast(12) == 6 * 5


@every
def test_silence_leaves_the_order_and_is_recorded(kind):
    strategy = kind(window=20, step=10)
    outcome = drive(strategy, candidates(25), RefusingJudge()).outcome
    assert outcome.order == tuple(range(25))
    assert [repair.partition(":")[0] for repair in outcome.repairs if "places" in repair] == [
        "places 6 to 25",
        "places 1 to 15",
    ]
    assert drive(strategy, candidates(25), TieJudge()).outcome.order == tuple(range(25))


@every
@settings(max_examples=30)
@given(n=st.integers(0, 30), seed=st.integers(0, 50), text=st.text(max_size=40), finished=st.booleans())
def test_anything_in_permutation_out(kind, n, seed, text, finished):
    for judge in (NonsenseJudge(seed=seed), Parrot(text, finished)):
        assert sorted(drive(kind(window=7, step=3), candidates(n), judge).outcome.order) == list(range(n))


@every
def test_a_shuffled_start_is_the_seed_s_and_the_query_s(kind):
    lists = candidates(8)
    seen = [
        documents_of(drive(kind(shuffle=True, seed=seed), lists, PerfectJudge()).requests[0].prompt)
        for seed in (0, 0, 1)
    ]
    assert sorted(seen[0]) == sorted(lists.ids)
    assert seen[0] == seen[1] != seen[2]
    assert seen[0] != lists.ids


@every
def test_steps_tell_the_order_after_each_window(kind):
    lists, judge = candidates(9), PerfectJudge(seed=2)
    outcome = drive(kind(window=5, step=4), lists, judge).outcome
    assert [step.round for step in outcome.steps] == [1, 2]
    assert outcome.steps[0].note.startswith("places 5 to 9: ")
    assert outcome.steps[0].order[:4] == (0, 1, 2, 3)
    assert outcome.steps[-1].order == outcome.order


@every
def test_windows_must_not_leave_gaps(kind):
    with pytest.raises(InvalidInputError, match="step"):
        kind(window=5, step=6)


@pytest.mark.parametrize("kind", [RankGpt, Lrl, Apeer, RankZephyr, RankVicuna, InsertRank, ReasonRank])
def test_thoughts_are_shown_with_their_window(kind):
    text = "<think>the second is better</think> <answer>[2] > [1]</answer>"
    outcome = drive(kind(), candidates(2), Parrot(text)).outcome
    assert outcome.order == (1, 0)
    assert outcome.reasoning == ("Places 1 to 2: the second is better",)
    assert drive(kind(), candidates(2), PerfectJudge()).outcome.reasoning == ()
