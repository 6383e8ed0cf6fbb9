"""Prompts: only documents may be shortened, and a passage cannot leave its tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import Document
from core.domain.requests import AttentionMass, Generate, LabelLogprobs, Likelihood
from core.strategies.base import registered
from core.strategies.prompts import CLOSE, OPEN, chat, document_part, passage, plain, query_part
from core.strategies.resolve import build, resolve
from core.strategies.slots import stands
from tests.support.judges import MODELS, PerfectJudge, candidates, drive, find_model


@given(st.text(alphabet="<>/pasge PASGE\n[]12", max_size=60))
def test_a_passage_holds_its_tags_once(text):
    joined = "".join(part.text for part in passage(Document(id="d", text=text)))
    assert joined.startswith(f"{OPEN}\n")
    assert joined.endswith(f"\n{CLOSE}")
    assert joined.lower().count("</passage") == joined.lower().count("<passage") == 1


def test_kinds_of_parts():
    prompt = chat("Judge.", passage(Document(id="d", text="body", title="Head")), "Query: ", query_part("boat"))
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert [(part.kind, part.text) for part in prompt.messages[1].parts] == [
        ("text", "<passage>\n"),
        ("document", "Head\nbody"),
        ("text", "\n</passage>"),
        ("text", "Query: "),
        ("query", "boat"),
    ]
    assert prompt.chat
    assert not plain("x").chat
    assert document_part(Document(id="d", text="[1]")).text == "[1]"
    assert document_part(Document(id="d", text="[1]"), numbered=True).text == "(1)"


PROMPTED = sorted(
    f"{name}:{entry.id}"
    for name, info in registered().items()
    for entry in MODELS
    if entry.id == "big.lm" and info.slots and all(stands(slot, entry) for _, slot in info.slots)
)


@pytest.mark.parametrize("spec", PROMPTED)
def test_every_prompt_marks_query_and_documents(spec):
    lists = candidates(3)
    requests = drive(build(resolve(spec, find_model)), lists, PerfectJudge()).requests
    texts = {document.id: document.text for document in lists.documents}
    assert requests
    for request in requests:
        assert isinstance(request, LabelLogprobs | Likelihood | Generate | AttentionMass)
        parts = [part for message in request.prompt.messages for part in message.parts]
        documents = [part for part in parts if part.kind == "document"]
        assert documents
        assert all(part.text == texts[part.document_id] for part in documents)
        others = "".join(part.text for part in parts if part.kind == "text")
        assert "passage number" not in others
        assert lists.query.text not in others
        queries = {part.text for part in parts if part.kind == "query"}
        assert queries == {lists.query.text} or isinstance(request, Likelihood | AttentionMass)


def test_the_prompted_strategies_are_the_ones_with_a_language_model():
    names = {spec.split(":")[0] for spec in PROMPTED}
    assert names >= {"yes-no", "query-likelihood", "prp-all-pair", "prp-heapsort", "listwise"}
