"""The same job in process and through an OpenAI-compatible endpoint: equal rankings, equal scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PhiConfig, PhiForCausalLM, PreTrainedTokenizerFast

import core.strategies.all  # noqa: F401  (registers)
from core.catalog.digests import DigestCache
from core.catalog.endpoints import endpoint_entry
from core.catalog.kinds import CAPABILITIES
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import ModelKind
from core.models import load as loading
from core.models.chat_endpoint import ChatEndpointAdapter
from core.strategies.base import Outcome
from core.strategies.resolve import resolve
from tests.support.openai_server import openai_server
from tests.support.run_system import run_system
from tests.support.tiny_models import CHAT_TEMPLATE, TEXTS, context_for, entry_for

pytestmark = pytest.mark.thorough  # long; `make check` runs it

VOCABULARY = 460
LENGTH = 4_000
SEED = 7
# What strategies read in answers: each is one token, so that an endpoint can give its probability.
WORDS = ["yes", "no", "Yes", "No", *"ABCDEFGHIJ", *map(str, range(11))]
SAID = [*WORDS, *(f" {word}" for word in WORDS), "[", "]", " [", " >"]
SPECS = {
    "yes-no": True, "query-likelihood": True, "graded-judge?scale=5": True, "prp-all-pair": True, "prp-heapsort": True,
    "setwise-heap": True, "setwise-bubble": True, "first": True, "listwise?window=4&step=2": True, "rankgpt": True,
    "graded-generation": False,
}  # fmt: skip


def save_talker(folder: Path) -> Path:
    """A random model that says nothing but labels, digits and brackets, with a word for each of them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|pad|>", "<|begin|>", "<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([*TEXTS, *["\n".join(SAID)] * 50], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=LENGTH, bos_token="<|begin|>", eos_token="<|end|>",
        pad_token="<|pad|>",
    )  # fmt: skip
    fast.chat_template = CHAT_TEMPLATE
    torch.manual_seed(SEED)
    config = PhiConfig(
        vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=LENGTH, initializer_range=0.4, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = PhiForCausalLM(config)  # its head has a bias
    said = [fast(word, add_special_tokens=False)["input_ids"] for word in SAID]
    assert all(len(ids) == 1 for ids in said)
    with torch.no_grad():
        model.lm_head.bias[2] = 6.0
        model.lm_head.bias[[ids[0] for word, ids in zip(SAID, said, strict=True) if word.strip(" []>") in "123456"]] = (
            7.0
        )
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """Id to loaded model, in process and behind HTTP."""
    folder = save_talker(tmp_path_factory.mktemp("talker") / "tiny")
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(
        ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision, capabilities=CAPABILITIES[ModelKind.CAUSAL_LM],
        max_length=LENGTH,
    )  # fmt: skip
    local = loading.load(entry, context_for(folder.parent))
    with openai_server(folder, VOCABULARY) as server:
        table = {
            "kind": "chat-endpoint", "url": f"{server.address}/v1", "model": "tiny", "label_logprobs": True,
            "top_logprobs": VOCABULARY, "likelihood": True, "completions": True, "prefill": "vllm",
            "max_length": LENGTH,
        }  # fmt: skip
        remote = ChatEndpointAdapter(endpoint_entry("remote", table))
        try:
            yield {"tiny": local, "remote": remote}
        finally:
            remote.close()


def candidates() -> CandidateList:
    texts = [*TEXTS, "Storms close the harbour.", TEXTS[2][:30]]
    documents = tuple(Document(id=f"d{place}", text=text) for place, text in enumerate(texts))
    return CandidateList(query=Query(id="q", text="What is the fare for a bicycle?"), documents=documents)


def outcome_of(spec: str, model: str, adapters: dict) -> Outcome:
    name, _, parameters = spec.partition("?")
    written = f"{name}:{model}" + (f"?{parameters}" if parameters else "")
    return run_system(resolve(written, lambda id: adapters[id].entry), candidates(), adapters)


@pytest.mark.parametrize("spec", SPECS)
def test_rankings_are_equal(both: dict, spec: str) -> None:
    here, there = (outcome_of(spec, model, both) for model in ("tiny", "remote"))
    assert here.order == there.order
    assert here.repairs == there.repairs
    assert here.reasoning == there.reasoning
    assert here.steps == there.steps
    if here.scores is None:
        assert there.scores is None
    else:
        assert there.scores == pytest.approx(here.scores, abs=1e-5, rel=1e-5)
    if SPECS[spec]:  # the model has an opinion of its own, so the comparison says something
        assert here.order != tuple(range(len(here.order)))
