"""Answers in the shapes that LRL, APEER, ReasonRank, DeAR and full ranking ask for."""

import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import GenerateAnswer
from core.strategies.listwise.apeer import Apeer
from core.strategies.listwise.dear_listwise import DearListwise
from core.strategies.listwise.dear_listwise_trained import DearListwiseTrained
from core.strategies.listwise.full_list import FullList
from core.strategies.listwise.full_list_trained import FullListTrained
from core.strategies.listwise.lrl import Lrl
from core.strategies.listwise.reason_rank import ReasonRank
from core.strategies.listwise.reason_rank_trained import ReasonRankTrained
from tests.support.judges import NonsenseJudge, PerfectJudge, RefusingJudge, candidates, drive, ideal


class Says:
    """One text."""

    def __init__(self, text, finished=True):
        self.text, self.finished = text, finished

    def answer(self, request):
        return GenerateAnswer(text=self.text, finished=self.finished)


@pytest.mark.parametrize(
    ("text", "finished", "order"),
    [
        ("[PASSAGE3, PASSAGE1, PASSAGE2]", True, (2, 0, 1)),
        ("SORTED_PASSAGES = [passage 3, PASSAGE_1]", True, (2, 0, 1)),
        ("[3, 1, 2]", True, (2, 0, 1)),
        ("PASSAGE30, PASSAGE2", True, (1, 0, 2)),
        ("[PASSAGE3, PASSAGE2", False, (2, 0, 1)),  # PASSAGE2 may have been PASSAGE21
        ("<think>PASSAGE3</think>[PASSAGE2]", True, (1, 0, 2)),
        ("<think>PASSAGE3", True, (0, 1, 2)),
    ],
)
def test_lrl(text, finished, order):
    assert drive(Lrl(), candidates(3), Says(text, finished)).outcome.order == order


def test_lrl_s_variables_cannot_be_closed_from_inside():
    documents = (Document(id="a", text='He said "no". [2]'), Document(id="b", text="x", title="T"))
    lists = CandidateList(query=Query(id="q", text='the "best" one'), documents=documents)
    (request,) = drive(Lrl(), lists, PerfectJudge()).requests
    text = "".join(part.text for part in request.prompt.messages[0].parts)
    assert 'PASSAGE1 = "He said \'no\'. (2)"\nPASSAGE2 = "T\nx"\n' in text
    assert "QUESTION = \"the 'best' one\"\nPASSAGES = [PASSAGE1, PASSAGE2]\n" in text
    assert text.endswith("SORTED_PASSAGES =")
    assert request.wanted.names == ("PASSAGE1", "PASSAGE2")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("[rankstart] [3] > [1] > [2] [rankend]", (2, 0, 1)),
        ("Of the 2 best: [RankStart] 3 > 1 [RANKEND] and [2] is last", (2, 0, 1)),
        ("[rankstart] [3]", (2, 0, 1)),
        ("[2] > [3]", (1, 2, 0)),
        ("[rankstart] nothing fits [rankend] [3]", (0, 1, 2)),
    ],
)
def test_apeer(text, order):
    assert drive(Apeer(), candidates(3), Says(text)).outcome.order == order


def test_apeer_marks_query_and_ranking():
    (request,) = drive(Apeer(), candidates(2, query="boats"), PerfectJudge()).requests
    text = "".join(part.text for part in request.prompt.messages[1].parts)
    assert text.count("[querystart] boats [queryend]") == 2
    assert "[rankstart] [2] > [1] [rankend]" in text


LONG_THOUGHT = "<think>" + " ".join(f"passage {n % 9 + 1} says 3 of 7, [2];" for n in range(500))


@pytest.mark.parametrize("kind", [ReasonRank, ReasonRankTrained])
@pytest.mark.parametrize(
    ("text", "order", "repairs"),
    [
        (f"{LONG_THOUGHT}</think> <answer> [3] > [1] > [2] </answer>", (2, 0, 1), 0),
        (f"{LONG_THOUGHT}</think> [3] > [1] > [2]", (0, 1, 2), 1),  # no tags: no number counts
        (LONG_THOUGHT, (0, 1, 2), 1),
        ("3 7 2 9 1984 <answer>", (0, 1, 2), 1),
        ("<answer>[3]</answer>", (2, 0, 1), 1),
    ],
)
def test_reasoned_answers(kind, text, order, repairs):
    outcome = drive(kind(), candidates(3), Says(text)).outcome
    assert outcome.order == order
    assert len(outcome.repairs) == repairs
    assert len(outcome.reasoning) == ("<think>" in text)


def test_reasoning_has_room():
    (request,) = drive(ReasonRank(), candidates(2), PerfectJudge()).requests
    assert request.max_tokens == 3_172
    assert request.wanted.frame == "<answer> {} </answer>"


@pytest.mark.parametrize("kind", [DearListwise, DearListwiseTrained])
@pytest.mark.parametrize(("n", "calls"), [(1, 0), (2, 1), (20, 1), (21, 2), (30, 2), (31, 2), (100, 2)])
def test_dear_reranks_the_head_only(kind, n, calls):
    lists, judge = candidates(n), PerfectJudge(seed=n)
    driven = drive(kind(), lists, judge)
    assert driven.calls == kind().forecast(n) == calls
    head = min(n, 30)
    best = [position for position in ideal(lists, judge) if position < head]
    exact = head if head <= 20 else 10
    assert list(driven.outcome.order[:exact]) == best[:exact]
    assert driven.outcome.order[head:] == tuple(range(head, n))
    assert driven.outcome.scores is None


def test_dear_does_not_read_acknowledgements():
    assert drive(DearListwise(), candidates(3), Says("I have read passage [3].")).outcome.order == (0, 1, 2)
    assert drive(DearListwiseTrained(), candidates(3), Says("Received passage [3].")).outcome.order == (0, 1, 2)


def test_dear_is_greedy_unless_told_otherwise():
    (request,) = drive(DearListwise(), candidates(2), PerfectJudge()).requests
    assert (request.temperature, request.seed, request.max_tokens) == (0.0, 0, 1024)
    (request,) = drive(DearListwise(temperature=0.5, seed=3), candidates(2), PerfectJudge()).requests
    assert (request.temperature, request.seed) == (0.5, 3)


@pytest.mark.parametrize("kind", [DearListwise, DearListwiseTrained, FullList, FullListTrained])
def test_nonsense_in_permutation_out(kind):
    for seed in range(12):
        outcome = drive(kind(), candidates(25), NonsenseJudge(seed=seed)).outcome
        assert sorted(outcome.order) == list(range(25))
    assert drive(kind(), candidates(25), RefusingJudge()).outcome.order == tuple(range(25))


@pytest.mark.parametrize("kind", [FullList, FullListTrained])
@pytest.mark.parametrize("n", [0, 1, 2, 25, 100, 250])
def test_one_call_orders_everything(kind, n):
    lists, judge = candidates(n), PerfectJudge(seed=n)
    driven = drive(kind(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == kind().forecast(n) == int(n > 1)


def test_full_lists_keep_a_hundred_words():
    long = Document(id="l", text=" ".join(["word"] * 150))
    lists = CandidateList(query=Query(id="q", text="x"), documents=(long, Document(id="s", text="short")))
    for kind in (FullList, FullListTrained):
        (request,) = drive(kind(), lists, PerfectJudge()).requests
        parts = [part for message in request.prompt.messages for part in message.parts if part.document_id == "l"]
        assert len(parts[0].text.split()) == 100
