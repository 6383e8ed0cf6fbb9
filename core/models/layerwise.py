"""Layerwise rerankers (BGE v2-minicpm-layerwise): cross-encoders on a decoder that stop after a chosen layer.

The input is that of FlagEmbedding: BOS, "A: " and the query, a line break, "B: " and the document, a line break, a
fixed task; each piece is tokenised by itself. The score after layer l is the head of that layer on the final norm of
the state of the last token; layers behind it are not run. Only the document is shortened.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Request, Score, ScoreAnswer, Usage
from core.models.base import Arrangement, LoadContext, by_length
from core.models.chat import ChatRenderer
from core.models.device import device_for, free, memory_guard, memory_of, synchronize
from core.models.encoder_model import CPU_BATCH_TOKENS, GPU_BATCH_TOKENS
from core.models.grouping import CPU_ENCODING, GPU_ENCODING, group
from core.models.inputs import Input, padded
from core.models.layerwise_folder import Layerwise, load_layerwise
from core.models.limits import position_limit
from core.models.packed.depth import first_layers
from core.models.packed.interrupt import Interruptible
from core.models.prompts import PromptTooLongError
from core.models.tokens import TextTokenizer, load_tokenizer

TASK = (
    "Given a query A and a passage B, determine whether the passage contains an answer to the query by providing a "
    "prediction of either 'Yes' or 'No'."
)


class LayerwiseAdapter:
    """One loaded layerwise reranker."""

    def __init__(self, entry: ModelEntry, loaded: Layerwise, tokenizer: TextTokenizer, device: torch.device) -> None:
        self.entry = entry
        self.memory_bytes = memory_of(loaded.model) + sum(head.nbytes for head in loaded.heads.values())
        self._model, self._heads, self._tokenizer, self._device = loaded.model, loaded.heads, tokenizer, device
        limits = [entry.max_length, tokenizer.limit, position_limit(loaded.model.config)]
        self.max_length = min(limit for limit in limits if limit)
        on_gpu = device.type == "cuda"
        self.batch_tokens = GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS
        self._limits = GPU_ENCODING if on_gpu else CPU_ENCODING
        self._clean = ChatRenderer(tokenizer).clean
        self._interruptible = Interruptible(loaded.model)
        self._line = tokenizer.ids("\n")
        self._task = tokenizer.ids(TASK)
        bos = tokenizer.raw.bos_token_id
        self._begin = np.asarray([] if bos is None else [bos], dtype=np.int64)

    @property
    def execution(self) -> str:
        """It runs padded batches of neighbours in length, up to the chosen layer."""
        return "padded (heads behind layers)"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest first; pairs share nothing."""
        return by_length([self._length(self._checked(request)) for request in requests])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens of each pair after truncation."""
        return [float(self._length(self._checked(request))) for request in requests]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores in order, whatever batch each pair was in."""
        asked = [self._checked(request) for request in requests]
        rows = [self._row(request) for request in asked]
        layers = [self._layer(request) for request in asked]
        found: dict[int, float] = {}
        with memory_guard(self.entry.id), torch.inference_mode(), self._interruptible.watching(cancelled):
            for layer in sorted(set(layers)):
                places = [place for place, own in enumerate(layers) if own == layer]
                for some in group([len(rows[place]) for place in places], self._limits):
                    if cancelled():
                        raise CancelledError("Cancelled.")
                    batch = [places[place] for place in some]
                    scores = self._scores([rows[place] for place in batch], layer)
                    found.update(zip(batch, scores, strict=True))
        return [
            ScoreAnswer(score=found[place], usage=_usage(request, row))
            for place, (request, row) in enumerate(zip(asked, rows, strict=True))
        ]

    def forget(self) -> None:
        """Empty the cache of token ids."""
        self._tokenizer.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        self._model, self._heads = None, {}
        self.forget()
        free(self._device)

    def _scores(self, rows: Sequence[Input], layer: int) -> list[float]:
        inputs = padded(rows, types=False, fill=0, device=self._device)
        with first_layers(self._model, layer):
            states = self._model(**inputs, use_cache=False).last_hidden_state
        last = torch.tensor([len(row) - 1 for row in rows], device=self._device)
        values = states[torch.arange(len(rows), device=self._device), last].float() @ self._heads[layer]
        return [float(value) for value in values.tolist()]

    def _layer(self, request: Score) -> int:
        layer = max(self._heads) if request.exit_layer is None else request.exit_layer
        if layer not in self._heads:
            raise BadAnswerError(
                f"{self.entry.id} has heads after layers {min(self._heads)} to {max(self._heads)}, not after {layer}."
            )
        return layer

    def _row(self, request: Score) -> Input:
        query, document, fixed = self._pieces(request)
        room = self.max_length - fixed
        if room < 1:
            raise PromptTooLongError(self.entry.id, fixed, self.max_length)
        kept = min(len(document), room)
        parts = [self._begin, query, self._line, document[:kept], self._line, self._task]
        ids = np.concatenate([np.asarray(part, dtype=np.int64) for part in parts])
        return Input(ids=ids, types=np.zeros(len(ids), dtype=np.int64), total=len(document), kept=kept)

    def _pieces(self, request: Score) -> tuple[np.ndarray, np.ndarray, int]:
        """Tokens of query and document, and the number of all others than the document's."""
        query = self._tokenizer.ids(f"A: {self._clean(request.query)}")
        document = self._tokenizer.ids(f"B: {self._clean(request.document.content)}")
        return query, document, len(self._begin) + len(query) + 2 * len(self._line) + len(self._task)

    def _length(self, request: Score) -> int:
        _, document, fixed = self._pieces(request)
        return max(1, min(self.max_length, fixed + len(document)))

    def _checked(self, request: Request) -> Score:
        if not isinstance(request, Score):
            raise BadAnswerError(f"{self.entry.id} answers Score, not {type(request).__name__}.")
        return request


def load_from(entry: ModelEntry, folder: Path, context: LoadContext) -> LayerwiseAdapter:
    """Load the reranker in ``folder``."""
    device = device_for(context)
    with warnings.catch_warnings():  # of settings of the decoder that the tokenizer has no use for
        warnings.simplefilter("ignore", FutureWarning)
        tokenizer = load_tokenizer(folder)
    return LayerwiseAdapter(entry, load_layerwise(entry, folder, device), tokenizer, device)


def _usage(request: Score, row: Input) -> Usage:
    cut = (Cut(document_id=request.document.id, tokens=row.total, kept=row.kept),)
    return Usage(prompt_tokens=len(row), cuts=cut if row.kept < row.total else ())
