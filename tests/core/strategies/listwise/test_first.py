"""FIRST: the order of the first token's logits, by a plain forward pass of a small random model."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.models import ModelKind
from core.domain.requests import LabelAnswer, LabelLogprobs
from core.models.causal_lm import CausalLmAdapter, load
from core.strategies.listwise.first import First
from core.strategies.listwise.first_trained import FirstTrained
from core.strategies.listwise.rankgpt import RankGpt
from tests.support.judges import candidates, drive
from tests.support.tiny_decoders import save_decoder
from tests.support.tiny_models import context_for, entry_for

LENGTH = 1024
WORDS = ("ferry", "harbour", "ticket", "dog", "bicycle", "storm", "evening", "free")


class Asked:
    """An adapter in the place of a judge; keeps the answers."""

    def __init__(self, adapter: CausalLmAdapter) -> None:
        self.adapter, self.answers = adapter, []

    def answer(self, request):
        (answer,) = self.adapter.answer([request], lambda: False)
        self.answers.append(answer)
        return answer


class Fixed:
    """The same log-probabilities for every window."""

    def __init__(self, *logprobs) -> None:
        self.logprobs = logprobs

    def answer(self, request):
        return LabelAnswer(logprobs=self.logprobs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("first"), "llama", LENGTH)


@pytest.fixture(scope="module")
def adapter(folder) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision, max_length=LENGTH)
    return load(entry, context_for(folder.parent))


def plain_logits(folder: Path, request: LabelLogprobs) -> list[float]:
    """Logits of the labels after the prompt, written out and run through the model as it is."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    *before, last = request.prompt.messages
    text = "".join(
        f"<|begin|>{message.role}\n{''.join(part.text for part in message.parts).strip()}<|end|>\n"
        for message in before
    )
    text += f"<|begin|>{last.role}\n["
    assert "".join(part.text for part in last.parts) == "["
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logits = model(ids).logits[0, -1]
    return [float(logits[tokenizer.encode(label, add_special_tokens=False)[0]]) for label in request.labels]


@pytest.mark.parametrize("kind", [First, FirstTrained], ids=lambda kind: kind.info.name)
def test_the_order_is_the_argsort_of_the_full_logits(kind, folder, adapter):
    documents = tuple(
        Document(id=f"d{n}", text=" ".join(WORDS[(n * step) % len(WORDS)] for step in range(1, 5))) for n in range(6)
    )
    lists = CandidateList(query=Query(id="q", text="may a dog come"), documents=documents)
    judge = Asked(adapter)
    driven = drive(kind(window=4, step=2), lists, judge)
    order = list(range(6))
    for request, answer, (start, end) in zip(driven.requests, judge.answers, [(2, 6), (0, 4)], strict=True):
        assert request.labels == ("A", "B", "C", "D")
        logits = plain_logits(folder, request)
        expected = sorted(range(4), key=lambda place: -logits[place])
        order[start:end] = [order[start:end][place] for place in expected]
        # log-probabilities are logits but for one constant
        assert [value - answer.logprobs[0] for value in answer.logprobs] == pytest.approx(
            [value - logits[0] for value in logits], abs=1e-4
        )
    assert driven.outcome.order == tuple(order)
    assert driven.outcome.repairs == ()


def test_letters_that_did_not_come_back_go_last_in_their_order():
    outcome = drive(First(), candidates(5), Fixed(None, -2.0, None, -1.0, float("nan"))).outcome
    assert outcome.order == (3, 1, 0, 2, 4)
    assert outcome.repairs == ("places 1 to 5: 3 of 5 letters were not among the returned tokens",)


@given(st.lists(st.one_of(st.none(), st.floats()), min_size=9, max_size=9))
def test_any_numbers_in_permutation_out(values):
    assert sorted(drive(First(), candidates(9), Fixed(*values)).outcome.order) == list(range(9))


def test_as_many_letters_as_passages():
    (request,) = drive(First(window=26, step=10), candidates(26), Fixed(*map(float, range(26)))).requests
    assert request.labels[0] == "A"
    assert request.labels[-1] == "Z"
    assert drive(First(), candidates(3), Fixed(1.0, 1.0, 2.0)).outcome.order == (2, 0, 1)
    with pytest.raises(InvalidInputError, match="26"):
        RankGpt(window=27, step=10, identifiers="letters")
