"""Rank-R1: its trained templates as whole strings, its answer tags, its thoughts."""

import pytest

from core.domain.requests import GenerateAnswer
from core.strategies.setwise.rank_r1 import RankR1
from core.strategies.setwise.reasoning import ReasonedBallot
from tests.support.judges import NonsenseJudge, PerfectJudge, candidates, drive, ideal

DOCUMENTS = candidates(2).documents
TRAINED_SYSTEM = (
    "A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant "
    "first thinks about the reasoning process in the mind and then provides the user with the answer. The reasoning "
    "process and answer are enclosed within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> "
    "reasoning process here </think> <answer> answer here </answer>."
)
TRAINED_USER = """Given the query: "where is it", which of the following documents is most relevant?
[1] passage number 0
[2] passage number 1
After completing the reasoning process, please provide only the label of the most relevant document to the query, \
enclosed in square brackets, within the answer tags. For example, if the third document is the most relevant, the \
answer should be: <think> reasoning process here </think> <answer>[3]</answer>."""
TRAINED_USER_2 = """You will be presented with a query, and a set of documents.

Your task consists of the following step:

1. Analyze the query: Carefully read the query and identify the core problem or question being asked.

2. Analyze the documents: Thoroughly examine each document and briefly explain how each document is relevant or not \
relevant to the query.

3. Find the most relevant document: Based on your analysis, select the most relevant document to the query from the \
set and briefly explain why.

Important: Provide your analysis within the <think> </think> tags and answer only the label of the most relevant \
document, enclosed in square brackets, within the <answer> </answer> tags. For example, if the third document is the \
most relevant, your response should be:
<think> Your analysis here </think>
<answer>[3]</answer>

Here is the query: where is it

Here are the documents:
[1]: passage number 0

[2]: passage number 1"""


def turns(template):
    prompt = ReasonedBallot(max_tokens=2048, template=template).request("where is it", DOCUMENTS).prompt
    assert prompt.chat
    return [(message.role, "".join(part.text for part in message.parts)) for message in prompt.messages]


def test_the_trained_templates_are_the_published_ones():
    assert turns("rank-r1-v0.1") == [("system", TRAINED_SYSTEM), ("user", TRAINED_USER)]
    second = (
        "You are RankLLM, an intelligent assistant capable of evaluating the relevancy of passages to a given query."
    )
    assert turns("rank-r1-v0.2") == [("system", second), ("user", TRAINED_USER_2)]


@pytest.mark.parametrize("template", ["general", "rank-r1-v0.1", "rank-r1-v0.2"])
def test_documents_are_parts_with_their_ids(template):
    prompt = ReasonedBallot(max_tokens=64, template=template).request("q", DOCUMENTS).prompt
    parts = [part for message in prompt.messages for part in message.parts]
    assert [part.document_id for part in parts if part.kind == "document"] == ["d0", "d1"]
    assert [part.text for part in parts if part.kind == "query"] == ["q"]


def test_settings_of_the_paper():
    strategy = RankR1()
    assert (strategy.children, strategy.k, strategy.max_tokens, strategy.votes) == (19, 10, 2048, 1)
    driven = drive(strategy, candidates(100), PerfectJudge())
    assert driven.outcome.order[:10] == ideal(candidates(100), PerfectJudge())[:10]
    assert abs(driven.calls - 23) <= 3


@pytest.mark.parametrize(
    ("text", "finished", "place"),
    [
        ("<think>The second fits.</think>\n<answer>[2]</answer>", True, 1),
        ("<THINK>x</THINK><ANSWER>[2]</ANSWER>", True, 1),
        ("<think>[1]</think><answer>2</answer>", False, 1),
        ("<think>[2]</think> It is [2].", True, None),
        ("<think>[2] is good <answer>[2]</answer>", True, None),  # still thinking
        ("<answer>[3]</answer>", True, None),
        ("<answer>[12]</answer>", True, None),
        ("<answer>[1", False, None),
    ],
)
def test_only_the_answer_tags_count(text, finished, place):
    read = ReasonedBallot(max_tokens=9).read(GenerateAnswer(text=text, finished=finished), 2)
    assert read == (() if place is None else (place,))


def test_thoughts_are_kept_and_say_what_they_are_about():
    class Thinks(PerfectJudge):
        def text(self, request):
            return f"<think>Hm.</think>{super().text(request)}"

    outcome = drive(RankR1(), candidates(3), Thinks()).outcome
    assert outcome.reasoning[0] == "Best of d0, d1, d2: Hm."
    assert len(outcome.reasoning) == 2


def test_nonsense_is_counted():
    outcome = drive(RankR1(), candidates(25), NonsenseJudge()).outcome
    assert sorted(outcome.order) == list(range(25))
    assert "without a label; the first stage decided" in outcome.repairs[0]
