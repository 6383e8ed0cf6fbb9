"""Models that read long texts otherwise than short ones, which a parity probe of short texts cannot show."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.models import ModelKind
from core.domain.requests import LabelLogprobs, Message, Part, Prompt
from core.models.packed import parity
from tests.support.tiny_decoders import LONG_TEXTS, save_decoder
from tests.support.tiny_shapes import load_folder

REASONS = {"phi3": "positions depend on the longest text of a pass", "llama4": "attention in chunks of 90 tokens"}


def never() -> bool:
    return False


@pytest.mark.parametrize("shape", LONG_TEXTS)
def test_they_run_padded_and_no_answer_depends_on_its_company(shape: str, tmp_path: Path) -> None:
    adapter = load_folder(save_decoder(tmp_path / "tiny", shape), ModelKind.CAUSAL_LM)
    assert adapter.execution == f"padded ({REASONS[shape]})"
    texts = ["dogs travel free on the ferry " * times for times in (1, 3, 7, 9)]
    prompts = [Prompt(messages=(Message(role="user", parts=(Part(text=text),)),), chat=False) for text in texts]
    requests = [LabelLogprobs(prompt=prompt, labels=(" yes", " no")) for prompt in prompts]
    lengths = [len(row.ids) for request in requests for row in adapter._forced(request).rows]
    assert min(lengths) < 64 < 90 < max(lengths)
    for request, answer in zip(requests, adapter.answer(requests, never), strict=True):
        assert answer.logprobs == pytest.approx(adapter.answer([request], never)[0].logprobs, abs=1e-4)


def test_a_window_that_no_cpu_can_try_in_time_is_not_taken_on_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_decoder(tmp_path / "tiny", "mistral")
    assert load_folder(folder, ModelKind.CAUSAL_LM).execution == "packed"
    monkeypatch.setattr(parity, "CPU_PROBE_TOKENS", 10)
    reason = load_folder(folder, ModelKind.CAUSAL_LM).execution
    assert reason.startswith("padded (a text of ")
    assert reason.endswith("longer than its window, takes too long to try on a CPU)")
