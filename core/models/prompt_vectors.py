"""Vectors of structured prompts: pooled as texts are, or the states of marked positions.

Marked positions are read from the last hidden states. Where the checkpoint has a projector (weights
``projector.0.weight``, ``projector.2.weight`` ..., as in jina-reranker-v3), they go through it: linear maps with
ReLU between them, of the shapes that the weights have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.requests import Answer, EmbedAnswer, EmbedPrompt, Request
from core.models.prompt_rows import PromptRow, PromptRows
from core.models.text_encoder import TextEncoder

_PROJECTOR = re.compile(r"(?:^|\.)projector\.(\d+)\.(weight|bias)$")


class PromptVectors:
    """Answers EmbedPrompt for one embedding model."""

    def __init__(self, rows: PromptRows, encoder: TextEncoder, projector: torch.nn.Module | None) -> None:
        """``projector``: what marked positions go through, None where the checkpoint has none."""
        self._rows, self._encoder, self._projector = rows, encoder, projector

    def lengths(self, requests: Sequence[Request]) -> list[int]:
        """Tokens of each prompt; 1 where it cannot be read, which is said when it is answered."""
        return [self._length(request) for request in requests]

    def answer(self, requests: Sequence[EmbedPrompt], cancelled: Callable[[], bool]) -> list[Answer]:
        """Vectors in order, whatever pass each prompt was in."""
        rows = [self._rows.row(request) for request in requests]
        found: dict[int, torch.Tensor] = {}
        for places in self._encoder.passes(len(rows), lambda some: [len(rows[place].row) for place in some]):
            if cancelled():
                raise CancelledError("Cancelled.")
            for marked in (False, True):
                group = [place for place in places if bool(requests[place].marks) is marked]
                if group:
                    found.update(zip(group, self._states([rows[place] for place in group], marked), strict=True))
        return [
            EmbedAnswer(vector=found[place].float().cpu().numpy(), usage=row.usage) for place, row in enumerate(rows)
        ]

    def forget(self) -> None:
        """Empty the cache of rows."""
        self._rows.forget()

    def _states(self, rows: Sequence[PromptRow], marked: bool) -> Sequence[torch.Tensor]:
        inputs = [row.row for row in rows]
        if not marked:  # a copy each, so that no answer keeps the whole pass alive
            return [vector.clone() for vector in self._encoder.states(inputs, whole=False).pooled]
        states = self._encoder.states_at(inputs, [row.places for row in rows])
        if self._projector is not None:
            states = self._projector(states)
        return [part.clone() for part in torch.split(states, [len(row.places) for row in rows])]

    def _length(self, request: Request) -> int:
        if not isinstance(request, EmbedPrompt):
            return 1
        try:
            return len(self._rows.row(request).row)
        except BadAnswerError:
            return 1


def read_projector(folder: Path, dtype: torch.dtype, device: torch.device) -> torch.nn.Module | None:
    """The projector in the safetensors files of ``folder``, None where there is none; ModelUnavailableError where its
    layers do not fit each other."""
    from safetensors import safe_open

    found: dict[int, dict[str, torch.Tensor]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118  (safe_open is no dictionary)
                if match := _PROJECTOR.search(name):
                    found.setdefault(int(match.group(1)), {})[match.group(2)] = tensors.get_tensor(name)
    layers: list[torch.nn.Module] = []
    width: int | None = None
    for _, parts in sorted(found.items()):
        weight, bias = parts.get("weight"), parts.get("bias")
        if weight is None or weight.ndim != 2 or width not in (None, weight.shape[1]):
            raise ModelUnavailableError("the layers of its projector do not fit each other")
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
        linear.load_state_dict(parts)
        layers += [linear] if not layers else [torch.nn.ReLU(), linear]
        width = weight.shape[0]
    return torch.nn.Sequential(*layers).to(device=device, dtype=dtype).eval() if layers else None
