"""Embedding models: one vector per text (bi-encoders) or one per token (late interaction).

Pooled vectors are those of sentence-transformers before any Normalize stage (Reimers and Gurevych 2019): a
strategy that wants cosines normalises, one that wants inner products does not.

Token vectors are the last hidden states of the text's own tokens. [CLS] and [SEP] are left out: they stand for
no word, a query's [SEP] finds a document's [SEP] in every document, which adds nearly the same amount to each
MaxSim and so only noise. (ColBERT keeps its markers because it is trained with them; these models are not. Seen
with all-MiniLM-L6-v2 on 100 Cranfield queries: nDCG@10 0.378 without and 0.380 with them, no difference to tell.)
Tokens of a query or document prefix belong to the text, since the model was trained to read them with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Embed, EmbedAnswer, Request, Usage
from core.models.base import LoadContext
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.grouping import CPU_ENCODING, GPU_ENCODING, group
from core.models.limits import position_limit
from core.models.pooling import POOLINGS, Pooling
from core.models.sentence_config import SentenceConfig, read_sentence_config
from core.models.tokens import Frame, TextTokenizer, frame_of, load_tokenizer, mask_of, pad_right

CPU_BATCH_TOKENS = 4_096
GPU_BATCH_TOKENS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One text ready for the model: special tokens around the ``kept`` of ``total`` tokens of its own."""

    ids: list[int]
    types: list[int]
    total: int
    kept: int


class EmbedderAdapter:
    """One loaded embedding model."""

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any transformers model)
        tokenizer: TextTokenizer,
        config: SentenceConfig,
        device: torch.device,
    ) -> None:
        """``config`` comes from the folder; the entry's options stand above it."""
        self.entry = entry
        self.batch_tokens = GPU_BATCH_TOKENS if device.type == "cuda" else CPU_BATCH_TOKENS
        self._limits = GPU_ENCODING if device.type == "cuda" else CPU_ENCODING
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device, self._lower = model, tokenizer, device, config.lower
        self._frame: Frame = frame_of(tokenizer, pair=False)
        limits = [entry.max_length, config.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._pool = _pooling(entry, config)
        self._prefixes = {
            "query": entry.option("query_prefix", config.query_prefix),
            "document": entry.option("document_prefix", config.document_prefix),
        }

    def weight(self, request: Request) -> int:
        """Tokens of the text after truncation, special tokens included."""
        return len(self._row(self._checked(request)).ids)

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Vectors in order; texts of like length share a forward pass, padded on the right."""
        asked = [self._checked(request) for request in requests]
        rows = [self._row(request) for request in asked]
        found: dict[int, Answer] = {}
        with memory_guard(self.entry.id), torch.inference_mode():
            for places in group([len(row.ids) for row in rows], self._limits):
                if cancelled():
                    raise CancelledError("Cancelled.")
                vectors = self._vectors([asked[place] for place in places], [rows[place] for place in places])
                for place, vector in zip(places, vectors, strict=True):
                    found[place] = EmbedAnswer(vector=vector, usage=_usage(asked[place], rows[place]))
        return [found[place] for place in range(len(requests))]

    def forget(self) -> None:
        """Empty the cache of token ids."""
        self._tokenizer.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        self._model = None
        free(self._device)

    def _vectors(self, requests: Sequence[Embed], rows: Sequence[_Row]) -> list[NDArray[np.float32]]:
        mask = mask_of([row.ids for row in rows], self._device)
        hidden = self._forward(rows, mask)
        pooled = self._pool(hidden, mask)
        begin = len(self._frame.before)
        chosen = [
            pooled[place] if request.at == "pooled" else hidden[place, begin : begin + row.kept]
            for place, (request, row) in enumerate(zip(requests, rows, strict=True))
        ]
        # A copy each: a view would keep the whole batch alive in the answer cache.
        return [np.array(vector.float().cpu().numpy(), copy=True) for vector in chosen]

    def _forward(self, rows: Sequence[_Row], mask: torch.Tensor) -> torch.Tensor:
        fill = self._model.config.get_text_config().pad_token_id or 0
        inputs = {"input_ids": pad_right([row.ids for row in rows], fill, self._device), "attention_mask": mask}
        if "token_type_ids" in self._tokenizer.raw.model_input_names:
            inputs["token_type_ids"] = pad_right([row.types for row in rows], 0, self._device)
        hidden: torch.Tensor = self._model(**inputs).last_hidden_state
        return hidden

    def _row(self, request: Embed) -> _Row:
        text = self._prefixes[request.role] + request.text
        found = self._tokenizer.encode(text.lower() if self._lower else text)
        kept = min(len(found), self.max_length - self._frame.size)
        ids, types = self._frame.build(found.ids[:kept])
        return _Row(ids=ids, types=types, total=len(found), kept=kept)

    def _checked(self, request: Request) -> Embed:
        if not isinstance(request, Embed):
            raise BadAnswerError(f"{self.entry.id} answers Embed, not {type(request).__name__}.")
        return request


def load(entry: ModelEntry, context: LoadContext) -> EmbedderAdapter:
    """Load the model of ``entry`` from its local folder."""
    folder = model_folder(entry, context)
    tokenizer = load_tokenizer(folder)
    device = device_for(context)
    model = transformers().AutoModel.from_pretrained(
        folder, dtype=dtype_of(entry), use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    model = model.eval().to(device)
    return EmbedderAdapter(entry, model, tokenizer, read_sentence_config(folder), device)


def _pooling(entry: ModelEntry, config: SentenceConfig) -> Pooling:
    name = entry.option("pooling") or config.pooling or "mean"
    if name not in POOLINGS:
        raise ModelUnavailableError(f"pooling {name!r} is unknown; allowed are {', '.join(POOLINGS)}")
    return POOLINGS[name]


def _usage(request: Embed, row: _Row) -> Usage:
    cut = (Cut(document_id=request.document_id or "", tokens=row.total, kept=row.kept),)
    return Usage(prompt_tokens=len(row.ids), cuts=cut if row.kept < row.total else ())
