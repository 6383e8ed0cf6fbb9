"""RankGPT's conversation, numbered and lettered, and the word cut."""

import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import GenerateAnswer
from core.strategies.listwise.rankgpt import RankGpt
from tests.support.judges import PerfectJudge, candidates, documents_of, drive, ideal

LISTS = CandidateList(
    query=Query(id="q", text="can I take a dog"),
    documents=(
        Document(id="a", text="Dogs travel free, see [3] and [B]."),
        Document(id="b", text="Bicycles need a ticket.", title="Fares"),
        Document(id="c", text=""),
    ),
)


def turns(strategy):
    (request,) = drive(strategy, LISTS, PerfectJudge()).requests
    return [(message.role, "".join(part.text for part in message.parts)) for message in request.prompt.messages]


def test_a_turn_for_each_passage():
    found = turns(RankGpt())
    assert [role for role, _ in found] == ["system", "user", "assistant", *["user", "assistant"] * 3, "user"]
    assert "3 passages" in found[1][1]
    assert found[1][1].endswith("can I take a dog")
    assert [text for _, text in found[3:9]] == [
        "[1] Dogs travel free, see (3) and [B].",
        "I have read passage [1].",
        "[2] Fares\nBicycles need a ticket.",
        "I have read passage [2].",
        "[3] ",
        "I have read passage [3].",
    ]
    assert "can I take a dog" in found[-1][1]
    assert "[] > []" in found[-1][1]


def test_lettered():
    found = turns(RankGpt(identifiers="letters"))
    assert found[3][1] == "[A] Dogs travel free, see [3] and (B)."
    assert "[B] > [A]" in found[-1][1]
    lists, judge = candidates(30), PerfectJudge(seed=4)
    order = drive(RankGpt(identifiers="letters"), lists, judge).outcome.order
    assert order[:10] == ideal(lists, judge)[:10]


@pytest.mark.parametrize(
    ("text", "order", "reading"),
    [
        ("I have read passage [3].", (0, 1, 2), "no identifier; order kept"),
        ("I have read passage [3].\nI have read passage [4].", (0, 1, 2), "no identifier; order kept"),
        ("I have read passage [3]. [2] > [3] > [1]", (1, 2, 0), ""),
        ("I have read passage 2", (1, 0, 2), "2 missing"),
    ],
)
def test_an_acknowledgement_is_no_order(text, order, reading):
    class Says:
        def answer(self, request):
            return GenerateAnswer(text=text)

    outcome = drive(RankGpt(), LISTS, Says()).outcome
    assert outcome.order == order
    assert outcome.repairs == ((f"places 1 to 3: {reading}",) if reading else ())


def test_words_are_cut():
    assert turns(RankGpt(words=2))[3][1] == "[1] Dogs travel"
    assert turns(RankGpt(words=2))[5][1] == "[2] Fares\nBicycles"
    long = Document(id="l", text=" ".join(map(str, range(400))))
    lists = CandidateList(query=LISTS.query, documents=(long, LISTS.documents[0]))
    (request,) = drive(RankGpt(), lists, PerfectJudge()).requests
    (shown,) = [part.text for message in request.prompt.messages for part in message.parts if part.document_id == "l"]
    assert shown.split() == [str(number) for number in range(300)]
    assert documents_of(request.prompt) == ("l", "a")
    assert (request.max_tokens, request.temperature) == (200, 0.0)
