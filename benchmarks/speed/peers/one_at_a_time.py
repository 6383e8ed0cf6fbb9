"""A language model asked one prompt at a time by plain transformers, logits only where they are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.domain.requests import LabelLogprobs, Likelihood, Prompt, Request
from core.models.environment import transformers

NAME = "one prompt at a time"


class OneAtATime:
    """A loaded causal language model; it renders and tokenises by itself."""

    def __init__(self, folder: Path, *, device: str = "cpu", dtype: str = "float32") -> None:
        library = transformers()
        self._tokenizer = library.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = library.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)
        self._model, self._device = model.eval().to(device), device

    def values(self, requests: Sequence[Request]) -> list[list[float]]:
        """Per request the log-probabilities of its labels, or of every token of its continuation."""
        import torch

        with torch.inference_mode():
            return [self._labels(r) if isinstance(r, LabelLogprobs) else self._likelihood(r) for r in requests]

    def tokens(self, requests: Sequence[Request]) -> int:
        """Tokens of all prompts, each by itself."""
        return sum(len(self._forced(r)[0]) - 1 if isinstance(r, Likelihood) else len(self._ids(r)) for r in requests)

    def tokenise(self, requests: Sequence[Request]) -> None:
        """The part of ``values`` before the model."""
        for request in requests:
            _ = self._forced(request) if isinstance(request, Likelihood) else self._ids(request)

    def _labels(self, request: LabelLogprobs) -> list[float]:
        logits = self._forward(self._ids(request), keep=1)
        normal = logits[0].log_softmax(-1)
        values: list[float] = normal[[self._single(label) for label in request.labels]].tolist()
        return values

    def _likelihood(self, request: Request) -> list[float]:
        ids, begin = self._forced(request)
        logits = self._forward(ids[:-1], keep=len(ids) - begin)
        normal = logits.log_softmax(-1)
        values: list[float] = normal[list(range(len(ids) - begin)), ids[begin:]].tolist()
        return values

    def _forward(self, ids: list[int], keep: int) -> Any:  # noqa: ANN401 - a tensor (keep, vocabulary)
        import torch

        inputs = torch.tensor([ids], device=self._device)
        return self._model(input_ids=inputs, logits_to_keep=keep, use_cache=False).logits[0].float()

    def _single(self, label: str) -> int:
        ids = self._tokenizer(label, add_special_tokens=False)["input_ids"]
        if len(ids) != 1:
            raise RuntimeError(f"Label {label!r} has {len(ids)} tokens; this peer reads one.")
        return int(ids[0])

    def _ids(self, request: Request) -> list[int]:
        if not isinstance(request, LabelLogprobs):
            raise TypeError(f"This peer answers LabelLogprobs and Likelihood, not {type(request).__name__}.")
        text, special = self._rendered(request.prompt)
        return list(self._tokenizer(text, add_special_tokens=special)["input_ids"])

    def _forced(self, request: Request) -> tuple[list[int], int]:
        """Ids of prompt and continuation as one string, and where the continuation begins."""
        if not isinstance(request, Likelihood):
            raise TypeError(f"Expected Likelihood, not {type(request).__name__}.")
        text, special = self._rendered(request.prompt)
        found = self._tokenizer(text + request.continuation, add_special_tokens=special, return_offsets_mapping=True)
        begin = sum(end <= len(text) for _, end in found["offset_mapping"])
        return list(found["input_ids"]), begin

    def _rendered(self, prompt: Prompt) -> tuple[str, bool]:
        """The text, and whether the tokenizer puts its special tokens around it."""
        turns = [(m.role, "".join(part.text for part in m.parts)) for m in prompt.messages]
        if not prompt.chat:
            return "\n".join(content for _, content in turns), True
        messages = [{"role": role, "content": content} for role, content in turns]
        return self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True), False
