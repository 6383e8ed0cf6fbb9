"""Raw logits, and labels read after a layer in between, against plain transformers, one text at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelKind
from core.domain.requests import LabelLogprobs, Message, Part, Prompt
from core.models.causal_lm import CausalLmAdapter, load
from core.models.packed.depth import depth_of, first_layers
from tests.support.tiny_decoders import DECODERS, SINKS, save_decoder
from tests.support.tiny_models import TEXTS, context_for, entry_for

LABELS = ("yes", "no", " yes", "Passage A", "Passage B")


def never() -> bool:
    return False


@pytest.fixture(scope="module", params=[*DECODERS, *SINKS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", request.param)


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision), context_for(folder.parent))


def request_of(text: str, labels: Sequence[str] = LABELS, **fields: object) -> LabelLogprobs:
    parts = (Part(text="Passage: "), Part(text=text, kind="document", document_id="d"), Part(text="\nAnswer:"))
    prompt = Prompt(messages=(Message(role="user", parts=parts),), chat=False)
    return LabelLogprobs(prompt=prompt, labels=tuple(labels), **fields)


def expected(adapter: CausalLmAdapter, folder: Path, request: LabelLogprobs) -> list[float]:
    """The chain of a label's tokens, or the logit of its first, from the states after a layer, norm and head."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    base = model.base_model
    norm = base.ln_f if hasattr(base, "ln_f") else base.norm
    encode = adapter._tokenizer.raw.encode
    prompt = "".join(part.text for part in request.prompt.messages[0].parts)
    begin = len(encode(prompt, add_special_tokens=False))
    found = []
    for label in request.labels:
        ids = encode(prompt + label, add_special_tokens=False)
        with torch.inference_mode():
            output = model(input_ids=torch.tensor([ids]), output_hidden_states=True)
            logits = output.logits[0]
            if request.exit_layer is not None and request.exit_layer < 2:
                logits = model.lm_head(norm(output.hidden_states[request.exit_layer]))[0]
                cap = getattr(model.config, "final_logit_softcapping", None)
                logits = logits if cap is None else cap * torch.tanh(logits / cap)
        normal = logits.double().log_softmax(-1)
        values = [normal[place - 1, ids[place]].item() for place in range(begin, len(ids))]
        found.append(logits[begin - 1, ids[begin]].item() if request.raw else sum(values))
    return found


@pytest.mark.parametrize(
    "fields", [{"raw": True}, {"exit_layer": 1}, {"exit_layer": 1, "raw": True}, {"exit_layer": 2}]
)
def test_answers_are_those_of_plain_transformers(adapter, folder: Path, fields: dict[str, object]) -> None:
    asked = [request_of(text, **fields) for text in TEXTS]
    for answer, request in zip(adapter.answer(asked, never), asked, strict=True):
        assert answer.logprobs == pytest.approx(expected(adapter, folder, request), abs=1e-5, rel=1e-5)


def test_one_batch_may_mix_depths_and_logits(adapter) -> None:
    kinds: list[dict[str, object]] = [{}, {"raw": True}, {"exit_layer": 1}, {"exit_layer": 1, "raw": True}]
    asked = [request_of(text, **fields) for text in TEXTS for fields in kinds]
    together = adapter.answer(asked, never)
    for request, answer in zip(asked, together, strict=True):
        [alone] = adapter.answer([request], never)
        assert answer.logprobs == pytest.approx(alone.logprobs, abs=1e-5)
    assert len({answer.logprobs for answer in together[:4]}) == 4
    arranged = adapter.arrange(asked)
    if adapter.execution == "packed":
        depths = [asked[place].exit_layer or 2 for place in arranged.order]
        assert depths == sorted(depths)
        assert sum(adapter.shares(asked)) == pytest.approx(sum(arranged.added), rel=0.05)
        assert arranged.added[8] == arranged.full[8]  # the first of another depth shares nothing with the one before


def test_a_layer_that_is_not_there_is_refused(adapter) -> None:
    for layer in (0, 3, -1):
        with pytest.raises(BadAnswerError, match=f"layers 1 to 2; the states after layer {layer} were"):
            adapter.answer([request_of("x", exit_layer=layer)], never)
        assert adapter.arrange([request_of("x", exit_layer=layer)]).order == (0,)


def test_layers_behind_the_exit_are_not_run_and_come_back(adapter) -> None:
    base = adapter._model.base_model
    ran: list[int] = []
    layers = list(base.h if hasattr(base, "h") else base.layers)
    hooks = [layer.register_forward_hook(lambda *_, at=at: ran.append(at)) for at, layer in enumerate(layers)]
    try:
        adapter.answer([request_of("x", exit_layer=1)], never)
        assert set(ran) == {0}
        adapter.answer([request_of("x")], never)
        assert set(ran) == {0, 1}
    finally:
        for hook in hooks:
            hook.remove()
    looks = iter([False, True])
    with pytest.raises(CancelledError):
        adapter.answer([request_of("x", exit_layer=1)], lambda: next(looks))
    assert depth_of(base) == 2


def test_a_model_without_layers_runs_as_it_is() -> None:
    model = torch.nn.Linear(2, 2)
    assert depth_of(model) is None
    with first_layers(model, 1):
        assert model(torch.zeros(1, 2)).shape == (1, 2)
