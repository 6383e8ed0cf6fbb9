"""Small trained heads on vectors: a TSPRank comparator, a Cosine Adapter.

A head is a folder with ``config.json`` and its weights as safetensors. config.json of a comparator, with defaults:

    {"head": "tsprank", "input_dim": 768, "layers": 4, "heads": 8, "feed_forward": 32, "separate": true, "deep": false}

``input_dim``: numbers of one item; ``width``: of an item after a first linear map, which there is only where it is
stated; ``layers`` 0: no transformer; ``separate``: one comparator above and one below the diagonal; ``deep``: as many
bilinear maps as the width, tanh, a linear map. Weights have the names of the authors' code (embedding.*,
transformer.transformer_encoder.layers.N.*, upper_comparisor.bi.*, lower_comparisor.bi.*, or comparisor.bi.*), so a
state of theirs only has to be saved as safetensors. It answers ``Transform`` of n vectors with a matrix (n, n).

config.json of an adapter:

    {"head": "cosine-adapter", "input_dim": 384, "hidden": [64], "map": "linear"}

``hidden``: widths of the layers, ReLU between them; ``map``: "linear", "square-root" or "power". Weights: mlp.0.*,
mlp.2.* ...; the last layer gives slope and offset, for "power" also the power; softplus keeps slope and power above
zero. It answers ``Transform`` of one vector with (slope, power, offset), of which the strategy makes
sigmoid(slope·x^power + offset), x = (1 + cosine) / 2; train it with binary cross-entropy on that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request, Transform, TransformAnswer
from core.models.base import Arrangement, LoadContext, by_length
from core.models.device import device_for, free, memory_guard, memory_of, synchronize
from core.models.folder import model_folder
from core.models.trained_head_modules import CosineAdapterHead, TspRankHead

Head = TspRankHead | CosineAdapterHead
HEADS: dict[str, Callable[[Mapping[str, Any]], Head]] = {"tsprank": TspRankHead, "cosine-adapter": CosineAdapterHead}


class TrainedHeadAdapter:
    """One loaded head. It computes in fp32, whatever the entry states: there is next to nothing to save."""

    def __init__(self, entry: ModelEntry, head: Head, device: torch.device) -> None:
        self.entry = entry
        self.batch_tokens = 16_384  # vectors
        self.memory_bytes = memory_of(head)
        self._head, self._device = head, device

    @property
    def execution(self) -> str:
        """Every request is one small pass of its own."""
        return "padded (small head)"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Most vectors first; they count as tokens."""
        return by_length([len(request.vectors) for request in self._checked(requests)])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Vectors of each request."""
        return [float(max(1, len(request.vectors))) for request in self._checked(requests)]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """What the head makes of each request's vectors, in order."""
        answers: list[Answer] = []
        with memory_guard(self.entry.id), torch.inference_mode():
            for request in self._checked(requests):
                if cancelled():
                    raise CancelledError("Cancelled.")
                answers.append(TransformAnswer(values=self._transformed(request)))
        return answers

    def forget(self) -> None:
        """Nothing of a query or a document is remembered."""

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        del self._head
        free(self._device)

    def _transformed(self, request: Transform) -> np.ndarray:
        lengths = {len(vector) for vector in request.vectors}
        if lengths != {self._head.input_dim}:
            given = ", ".join(map(str, sorted(lengths))) or "no"
            raise BadAnswerError(
                f"{self.entry.id} reads vectors of {self._head.input_dim} numbers, not of {given}; choose the "
                "embedding model and the features that it was trained with."
            )
        if isinstance(self._head, CosineAdapterHead) and len(request.vectors) != 1:
            raise BadAnswerError(f"{self.entry.id} reads one vector, that of the query, not {len(request.vectors)}.")
        vectors = torch.tensor(request.vectors, dtype=torch.float32, device=self._device)
        return np.array(self._head(vectors).cpu().numpy(), dtype=np.float32)

    def _checked(self, requests: Sequence[Request]) -> list[Transform]:
        found = [request for request in requests if isinstance(request, Transform)]
        if len(found) != len(requests):
            raise BadAnswerError(f"{self.entry.id} answers Transform alone.")
        return found


def load(entry: ModelEntry, context: LoadContext) -> TrainedHeadAdapter:
    """Load the head of ``entry`` from its local folder."""
    folder = model_folder(entry, context)
    device = device_for(context)
    return TrainedHeadAdapter(entry, read_head(folder).to(device).eval(), device)


def read_head(folder: Path) -> Head:
    """The head in ``folder``; ModelUnavailableError where its kind is unknown or its weights are of other shapes."""
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    name = config.get("head") if isinstance(config, Mapping) else None
    if name not in HEADS:
        raise ModelUnavailableError(f"config.json states the head {name!r}; known are {', '.join(HEADS)}")
    head = HEADS[str(name)](config)
    weights: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        weights |= load_file(file)
    try:
        head.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except RuntimeError as error:
        cause = " ".join(str(error).split())
        raise ModelUnavailableError(
            f"the weights are not those of the head that config.json states: {cause}"
        ) from error
    return head
