"""What encoder-decoders write, alone and after reading several texts, against the library; memory and cancelling."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.modeling_outputs import BaseModelOutput

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import (
    Generate,
    GenerateAnswer,
    GenerateFused,
    LabelLogprobs,
    Likelihood,
    Message,
    Part,
    Prompt,
)
from core.models.load import load
from tests.support.tiny_models import TEXTS, context_for, entry_for
from tests.support.tiny_seq2seq import save_bart, save_fid, save_t5

TOKENS = 9
SHAPES: dict[str, Callable[[Path], Path]] = {"t5": lambda folder: save_t5(folder, gated=True), "bart": save_bart}


def never() -> bool:
    return False


def adapter_for(folder: Path, **fields: object):
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(ModelKind.SEQ2SEQ, f"folder:{folder}", revision=revision, **{"max_length": 60, **fields})
    return load(entry, context_for(folder.parent))


@pytest.fixture(scope="module", params=list(SHAPES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SHAPES[request.param](tmp_path_factory.mktemp("seq2seq") / "tiny")


@pytest.fixture(scope="module")
def adapter(folder: Path):
    return adapter_for(folder)


@pytest.fixture(scope="module")
def oracle(folder: Path):
    return AutoModelForSeq2SeqLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


def prompt_of(text: str) -> Prompt:
    parts = (Part(text="Passage: "), Part(text=text, kind="document", document_id="d"))
    return Prompt(messages=(Message(role="user", parts=parts),), chat=False)


def read_ids(oracle, text: str) -> torch.Tensor:
    return oracle[1](f"Passage: {text}", return_tensors="pt")["input_ids"]


def test_greedy_generation_equals_the_library(adapter, oracle) -> None:
    model, tokenizer = oracle
    texts = [*TEXTS, "x", TEXTS[1]]
    found = adapter.answer([Generate(prompt=prompt_of(text), max_tokens=TOKENS) for text in texts], never)
    for text, answer in zip(texts, found, strict=True):
        ids = read_ids(oracle, text)
        with torch.inference_mode():
            output = model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=TOKENS, do_sample=False, num_beams=1
            )
        expected = output[0, 1:].tolist()
        assert isinstance(answer, GenerateAnswer)
        assert answer.text == tokenizer.decode(expected, skip_special_tokens=True)
        assert answer.usage.generated_tokens == len(expected)
        assert answer.finished == (1 in expected)


def test_sampling_depends_on_the_seed_alone(adapter) -> None:
    def sample(*seeds: int) -> list[str]:
        requests = [Generate(prompt=prompt_of("x"), max_tokens=8, temperature=1.5, seed=seed) for seed in seeds]
        return [answer.text for answer in adapter.answer(requests, never)]

    one, two, again = sample(1, 2, 1)
    assert one == again == sample(1)[0]
    assert one != two


def test_stop_strings_end_the_text(tmp_path: Path) -> None:
    adapter = adapter_for(save_t5(tmp_path / "t5", gated=True))
    [free] = adapter.answer([Generate(prompt=prompt_of(TEXTS[0]), max_tokens=TOKENS)], never)
    stop = free.text[3:5]
    [stopped] = adapter.answer([Generate(prompt=prompt_of(TEXTS[0]), max_tokens=TOKENS, stop=(stop,))], never)
    assert stopped.text == free.text[: free.text.index(stop)]
    assert stopped.finished
    assert not free.finished
    assert stopped.usage.generated_tokens < free.usage.generated_tokens == TOKENS


def test_likeliest_tokens_come_with_the_text(adapter) -> None:
    asked = Generate(prompt=prompt_of(TEXTS[3]), max_tokens=5, top_logprobs=3)
    [found] = adapter.answer([asked], never)
    [plain] = adapter.answer([Generate(prompt=prompt_of(TEXTS[3]), max_tokens=5)], never)
    assert (found.text, plain.tokens) == (plain.text, ())
    assert "".join(token.text for token in found.tokens) == found.text
    [labels] = adapter.answer([LabelLogprobs(prompt=prompt_of(TEXTS[3]), labels=("true", "10", "the"))], never)
    for token in found.tokens:
        values = [value for _, value in token.top]
        assert len(values) == 3
        assert values == sorted(values, reverse=True)
        assert max(values) < 0
    assert found.tokens[0].top[0][1] >= max(labels.logprobs) - 1e-5


def test_one_text_fused_is_ordinary_generation(adapter) -> None:
    asked = [prompt_of(text) for text in TEXTS]
    fused = adapter.answer([GenerateFused(prompts=(prompt,), max_tokens=TOKENS) for prompt in asked], never)
    plain = adapter.answer([Generate(prompt=prompt, max_tokens=TOKENS) for prompt in asked], never)
    assert [(a.text, a.finished, a.usage) for a in fused] == [(a.text, a.finished, a.usage) for a in plain]


def test_several_texts_fused_equal_a_slow_computation(adapter, oracle) -> None:
    model, tokenizer = oracle
    groups = [tuple(TEXTS), tuple(TEXTS[:2]), (TEXTS[3], TEXTS[0], TEXTS[3])]
    requests = [GenerateFused(prompts=tuple(map(prompt_of, texts)), max_tokens=TOKENS) for texts in groups]
    for texts, answer in zip(groups, adapter.answer(requests, never), strict=True):
        alone = [model.get_encoder()(input_ids=read_ids(oracle, text)).last_hidden_state for text in texts]
        states = torch.cat(alone, dim=1)
        written = [model.config.decoder_start_token_id]
        while len(written) <= TOKENS and (len(written) == 1 or written[-1] != 1):
            with torch.inference_mode():
                logits = model(
                    encoder_outputs=BaseModelOutput(last_hidden_state=states),
                    attention_mask=torch.ones(states.shape[:2], dtype=torch.long),
                    decoder_input_ids=torch.tensor([written]),
                ).logits
            written.append(int(logits[0, -1].argmax()))
        assert answer.text == tokenizer.decode(written[1:], skip_special_tokens=True)
        assert answer.usage.prompt_tokens == sum(part.shape[1] for part in alone)
    texts = {adapter.answer([request], never)[0].text for request in requests}
    assert len(texts) > 1  # what is read makes a difference
    with pytest.raises(BadAnswerError, match="at least one prompt"):
        adapter.answer([GenerateFused(prompts=(), max_tokens=3)], never)


def test_equal_inputs_are_encoded_once(adapter) -> None:
    seen: list[int] = []
    hook = adapter._model.get_encoder().register_forward_pre_hook(
        lambda _module, _args, given: seen.append(int(given["attention_mask"].sum())), with_kwargs=True
    )
    labels = LabelLogprobs(prompt=prompt_of(TEXTS[0]), labels=("true", "yes no", "no yes no"))
    adapter.answer([labels, labels, LabelLogprobs(prompt=prompt_of(TEXTS[0]), labels=("false",))], never)
    one = seen.copy()
    seen.clear()
    fused = [
        GenerateFused(prompts=tuple(prompt_of(TEXTS[i]) for i in order), max_tokens=2) for order in ((0, 1), (1, 0))
    ]
    adapter.answer(fused, never)
    hook.remove()
    read = len(adapter._inputs.prompt(prompt_of(TEXTS[0])).ids)
    assert one == [read]
    assert sum(seen) == read + len(adapter._inputs.prompt(prompt_of(TEXTS[1])).ids)
    # three labels of 1, 2 and 3 tokens are decoded in rows of 1, 2 and 3 tokens, "false" in one of 1
    assert adapter.shares([labels, labels]) == pytest.approx([read / 2 + 6] * 2)
    assert adapter.shares([labels]) == [read + 6]
    other = Likelihood(prompt=prompt_of("x"), continuation="yes no")
    arranged = adapter.arrange([other, labels, other, labels])
    assert arranged.order == (1, 3, 0, 2)
    assert arranged.full[0] == read + 6
    assert arranged.added == (arranged.full[0], 6, arranged.full[2], 2)
    assert sum(adapter.shares(fused)) == sum(seen) + 2


def test_cancelling_ends_between_steps_and_inside_a_pass(adapter) -> None:
    asked = [Generate(prompt=prompt_of("x"), max_tokens=100)]
    for looks in (1, 3, 5, 8):
        count = itertools.count()
        with pytest.raises(CancelledError):
            adapter.answer(asked, lambda looks=looks, count=count: next(count) >= looks)
    with pytest.raises(CancelledError):
        adapter.answer([LabelLogprobs(prompt=prompt_of("x"), labels=("true",))], lambda: True)
    adapter.answer(asked[:0], never)


def test_texts_end_where_the_positions_end(tmp_path: Path) -> None:
    adapter = adapter_for(save_bart(tmp_path / "bart"), max_length=1_000)
    assert adapter.max_length == 64
    [found] = adapter.answer([Generate(prompt=prompt_of("x"), max_tokens=200)], never)
    assert found.finished or found.usage.generated_tokens == 63


def test_weights_that_are_missing_are_not_made_up(tmp_path: Path) -> None:
    folder = save_fid(tmp_path / "fid")
    file = folder / "model.safetensors"
    weights = load_file(file)
    del weights["encoder.encoder.block.1.module.layer.0.SelfAttention.q.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelUnavailableError, match=r"no weights for encoder\.block\.1\.layer\.0"):
        adapter_for(folder)


def test_what_is_forgotten_is_read_again_and_nothing_of_a_closed_model_stays(tmp_path: Path) -> None:
    adapter = adapter_for(save_t5(tmp_path / "t5"))
    asked = LabelLogprobs(prompt=prompt_of(TEXTS[0]), labels=("true",))
    [first] = adapter.answer([asked], never)
    assert adapter._inputs._works.get(asked) is not None
    adapter.forget()
    assert adapter._inputs._works.get(asked) is None
    assert adapter._tokenizer.known(f"Passage: {TEXTS[0]}") is None
    assert adapter.answer([asked], never) == [first]
    adapter.synchronize()
    assert adapter.execution == "padded (encoder-decoder)"
    assert adapter.memory_bytes == sum({t.data_ptr(): t.nbytes for t in adapter._model.parameters()}.values())
    weights = [weakref.ref(parameter) for parameter in adapter._model.parameters()]
    adapter.close()
    gc.collect()
    assert not [weight for weight in weights if weight() is not None]
