"""Cross-encoders: any sequence-classification checkpoint, encoder or decoder; the score is its raw logit.

With one label the score is that logit. With several, ``positive_label`` names the relevant one and the score is
its log-odds, z_pos - logsumexp(z_others), which orders as the softmax probability does and does not saturate.
Query and document are tokenised by themselves and joined as the tokenizer joins a pair (Nogueira and Cho 2019);
only the document is shortened, never the query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Request, Score, ScoreAnswer, Usage
from core.models.base import LoadContext
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.grouping import CPU_ENCODING, GPU_ENCODING, group
from core.models.limits import position_limit
from core.models.prompts import PromptTooLongError
from core.models.tokens import Frame, TextTokenizer, frame_of, load_tokenizer, mask_of, pad_right

CPU_BATCH_TOKENS = 4_096
GPU_BATCH_TOKENS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One pair ready for the model, with the ``kept`` of ``total`` tokens of its document."""

    ids: list[int]
    types: list[int]
    total: int
    kept: int


class CrossEncoderAdapter:
    """One loaded sequence-classification model."""

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any transformers model)
        tokenizer: TextTokenizer,
        device: torch.device,
    ) -> None:
        """ModelUnavailableError where the labels leave open which one is relevance."""
        self.entry = entry
        self.batch_tokens = GPU_BATCH_TOKENS if device.type == "cuda" else CPU_BATCH_TOKENS
        self._limits = GPU_ENCODING if device.type == "cuda" else CPU_ENCODING
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._positive = _positive_label(entry, int(model.config.num_labels))
        self._own_fill: int | None = model.config.get_text_config().pad_token_id
        self._frame: Frame = frame_of(tokenizer, pair=True)
        limits = [entry.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._query_prefix, self._document_prefix = entry.option("query_prefix"), entry.option("document_prefix")

    def weight(self, request: Request) -> int:
        """Tokens of the pair after truncation, special tokens included."""
        query, document = self._texts(self._checked(request))
        return min(self.max_length, self._frame.size + len(query) + len(document))

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores in order; pairs of like length share a forward pass, padded on the right."""
        asked = [self._checked(request) for request in requests]
        pairs = [self._pair(request) for request in asked]
        scores: dict[int, float] = {}
        with memory_guard(self.entry.id), torch.inference_mode():
            for places in group([len(pair.ids) for pair in pairs], self._limits):
                if cancelled():
                    raise CancelledError("Cancelled.")
                found = self._scores(self._forward([pairs[place] for place in places])).tolist()
                scores.update(zip(places, found, strict=True))
        return [
            ScoreAnswer(score=scores[place], usage=_usage(request, pair))
            for place, (request, pair) in enumerate(zip(asked, pairs, strict=True))
        ]

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

    def _forward(self, pairs: Sequence[_Pair]) -> torch.Tensor:
        ids = [pair.ids for pair in pairs]
        fill = self._fill(ids)
        inputs = {"input_ids": pad_right(ids, fill, self._device), "attention_mask": mask_of(ids, self._device)}
        if "token_type_ids" in self._tokenizer.raw.model_input_names:
            inputs["token_type_ids"] = pad_right([pair.types for pair in pairs], 0, self._device)
        logits: torch.Tensor = self._model(**inputs).logits
        return logits.float()

    def _fill(self, rows: Sequence[Sequence[int]]) -> int:
        """The padding id. A decoder finds its last token as the last that is not padding: one whose configuration
        has no padding id gets, for this batch, an id that no row contains (EOS would hide a real EOS)."""
        if self._own_fill is not None:
            return self._own_fill
        used = {token for row in rows for token in row}
        fill = next(token for token in range(len(used) + 1) if token not in used)
        self._model.config.get_text_config().pad_token_id = fill
        return fill

    def _scores(self, logits: torch.Tensor) -> torch.Tensor:
        if self._positive is None:
            return logits[:, 0]
        others = torch.cat([logits[:, : self._positive], logits[:, self._positive + 1 :]], dim=1)
        return logits[:, self._positive] - others.logsumexp(1)

    def _pair(self, request: Score) -> _Pair:
        query, document = self._texts(request)
        room = self.max_length - self._frame.size - len(query)
        if room < 1:
            raise PromptTooLongError(self.entry.id, len(query) + self._frame.size, self.max_length)
        kept = min(len(document), room)
        ids, types = self._frame.build(query.ids, document.ids[:kept])
        return _Pair(ids=ids, types=types, total=len(document), kept=kept)

    def _texts(self, request: Score) -> tuple[Any, Any]:
        query = self._tokenizer.encode(self._query_prefix + request.query)
        return query, self._tokenizer.encode(self._document_prefix + request.document.content)

    def _checked(self, request: Request) -> Score:
        if not isinstance(request, Score):
            raise BadAnswerError(f"{self.entry.id} answers Score, not {type(request).__name__}.")
        return request


def load(entry: ModelEntry, context: LoadContext) -> CrossEncoderAdapter:
    """Load the model of ``entry`` from its local folder."""
    folder = model_folder(entry, context)
    tokenizer = load_tokenizer(folder)
    device = device_for(context)
    model = transformers().AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=dtype_of(entry), use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    return CrossEncoderAdapter(entry, model.eval().to(device), tokenizer, device)


def _positive_label(entry: ModelEntry, labels: int) -> int | None:
    stated = entry.option("positive_label")
    if labels == 1:
        return None
    if not stated:
        raise ModelUnavailableError(f"the model has {labels} labels; state positive_label = 0 ... {labels - 1}")
    if not stated.isdecimal() or int(stated) >= labels:
        raise ModelUnavailableError(f"positive_label {stated!r} is not one of 0 ... {labels - 1}")
    return int(stated)


def _usage(request: Score, pair: _Pair) -> Usage:
    cut = (Cut(document_id=request.document.id, tokens=pair.total, kept=pair.kept),)
    return Usage(prompt_tokens=len(pair.ids), cuts=cut if pair.kept < pair.total else ())
