"""Prompts of trained models as whole strings, and what our own say in turns."""

import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import Prompt
from core.strategies.listwise.dear_listwise_trained import DearListwiseTrained
from core.strategies.listwise.first_trained import FirstTrained
from core.strategies.listwise.full_list_trained import FullListTrained
from core.strategies.listwise.rank_vicuna import RankVicuna
from core.strategies.listwise.rank_zephyr import RankZephyr
from core.strategies.listwise.reason_rank_trained import ReasonRankTrained
from tests.support.judges import PerfectJudge, drive

LISTS = CandidateList(
    query=Query(id="q", text="can I take a dog"),
    documents=(
        Document(id="a", text="Dogs travel  free, see [3]. [A]"),
        Document(id="b", text="Bicycles need\na ticket.", title="Fares"),
    ),
)
BODY = """I will provide you with 2 passages, each indicated by a numerical identifier []. Rank the passages based on \
their relevance to the search query: can I take a dog.

[1] Dogs travel free, see (3). [A]
[2] Title: Fares Content: Bicycles need a ticket.
Search Query: can I take a dog.
Rank the 2 passages above based on their relevance to the search query. All the passages should be included and listed \
using identifiers, in descending order of relevance. """
ONLY = ", Only respond with the ranking results, do not say any word or explain."


def prompt_of(strategy, lists=LISTS) -> Prompt:
    (request,) = drive(strategy, lists, PerfectJudge()).requests
    return request.prompt


def turns(prompt: Prompt) -> list[tuple[str, str]]:
    return [(message.role, "".join(part.text for part in message.parts)) for message in prompt.messages]


def test_rank_zephyr():
    prompt = prompt_of(RankZephyr())
    assert prompt.chat
    assert turns(prompt) == [
        (
            "system",
            "You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query",
        ),
        ("user", f"{BODY}The output format should be [] > [], e.g., [2] > [1]{ONLY}"),
    ]


def test_rank_vicuna_in_fastchat_s_frame():
    prompt = prompt_of(RankVicuna())
    assert not prompt.chat
    ((_, text),) = turns(prompt)
    assert text == (
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        "detailed, and polite answers to the user's questions. USER: "
        f"{BODY}The output format should be [] > [], e.g., [4] > [2]{ONLY} ASSISTANT:"
    )


def test_rank_mistral_in_fastchat_s_frame():
    prompt = prompt_of(FullListTrained())
    assert not prompt.chat
    ((_, text),) = turns(prompt)
    assert text == (
        "[INST] You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the "
        f"query.\n{BODY}The output format should be [] > [], e.g., [2] > [1]{ONLY} [/INST]"
    )


def test_reason_rank():
    assert turns(prompt_of(ReasonRankTrained())) == [
        (
            "system",
            "You are RankLLM, an intelligent assistant that can rank passages based on their relevance to the query. "
            "Given a query and a passage list, you first thinks about the reasoning process in the mind and then "
            "provides the answer (i.e., the reranked passage list). The reasoning process and answer are enclosed "
            "within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> reasoning process here "
            "</think> <answer> answer here </answer>.",
        ),
        ("user", f"{BODY}The format of the answer should be [] > [], e.g., [2] > [1]."),
    ]


def test_first_is_lettered_and_opened():
    lettered = BODY.replace("a numerical", "a alphabetical").replace("[A]", "(A)").replace("(3)", "[3]")
    lettered = lettered.replace("[1]", "[A]").replace("[2]", "[B]")
    assert turns(prompt_of(FirstTrained())) == [
        (
            "system",
            "You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query",
        ),
        ("user", f"{lettered}The output format should be [] > [], e.g., [B] > [A]{ONLY}"),
        ("assistant", "["),
    ]


def test_dear():
    assert turns(prompt_of(DearListwiseTrained())) == [
        ("system", "You are RankLLM, an assistant that ranks passages by relevance to the query."),
        (
            "user",
            "I will provide you with 2 passages, each indicated by number identifier [].\n"
            "Rank the passages based on their relevance to query: can I take a dog.",
        ),
        ("assistant", "Okay, please provide the passages."),
        ("user", "[1] Dogs travel free, see (3). [A]"),
        ("assistant", "Received passage [1]."),
        ("user", "[2] Title: Fares Content: Bicycles need a ticket."),
        ("assistant", "Received passage [2]."),
        (
            "user",
            "Search Query: can I take a dog.\n"
            "Rank the 2 passages above based on their relevance to the search query. The passages should be listed in "
            "descending order using identifiers.\n"
            "Please follow the steps below:\n"
            "Step 1. List the information requirements to answer the query.\n"
            "Step 2. For each requirement, find the passages containing that information.\n"
            "Step 3. Rank passages that best cover clear and diverse information. Include all passages.\n"
            "Output format strictly: [2] > [1] > [3] ... Only output the ranking using identifiers; no explanations.",
        ),
    ]


@pytest.mark.parametrize(
    "kind", [RankZephyr, RankVicuna, FullListTrained, ReasonRankTrained, FirstTrained, DearListwiseTrained]
)
def test_query_and_documents_are_parts_of_their_own(kind):
    parts = [part for message in prompt_of(kind()).messages for part in message.parts]
    assert [part.document_id for part in parts if part.kind == "document"] == ["a", "b"]
    assert [part.text for part in parts if part.kind == "query"] == ["can I take a dog"] * 2
    others = "".join(part.text for part in parts if part.kind == "text")
    assert "dog" not in others
    assert "Bicycles" not in others


@pytest.mark.parametrize("kind", [FullListTrained, ReasonRankTrained])
def test_identifiers_in_the_query_are_disarmed_where_the_reference_does(kind):
    lists = CandidateList(query=Query(id="q", text=" what is [2] "), documents=LISTS.documents)
    parts = [part for message in prompt_of(kind(), lists).messages for part in message.parts]
    assert [part.text for part in parts if part.kind == "query"] == ["what is (2)"] * 2
