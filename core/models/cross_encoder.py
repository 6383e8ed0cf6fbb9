"""Cross-encoders: any sequence-classification checkpoint, encoder or decoder; the score is its raw logit.

With one label the score is that logit. With several, ``positive_label`` names the relevant one and the score is
its log-odds, z_pos - logsumexp(z_others), which orders as the softmax probability does and does not saturate.
Query and document are tokenised by themselves and joined as the tokenizer joins a pair (Nogueira and Cho 2019);
only the document is shortened, never the query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Request, Score, ScoreAnswer, Usage
from core.models.base import Arrangement, LoadContext, by_length
from core.models.classifier import Classifier
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.inputs import PROBE_TEXT, Input
from core.models.layerwise import LayerwiseAdapter, load_from
from core.models.layerwise_folder import is_layerwise
from core.models.limits import position_limit
from core.models.packed.parity import probe_rows
from core.models.prompts import PromptTooLongError
from core.models.tokens import Frame, Ids, TextTokenizer, frame_of, load_tokenizer


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
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._positive = _positive_label(entry, int(model.config.num_labels))
        self._frame: Frame = frame_of(tokenizer, pair=True)
        limits = [entry.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._query_prefix, self._document_prefix = entry.option("query_prefix"), entry.option("document_prefix")
        self._classifier: Classifier = Classifier(
            model,
            device,
            types="token_type_ids" in tokenizer.raw.model_input_names,
            precision=entry.precision,
            probe=self._probe(model.config),
        )
        self.batch_tokens = self._classifier.batch_tokens

    @property
    def execution(self) -> str:
        """As proven when it was loaded: "packed" or "padded (REASON)"."""
        return self._classifier.execution.name

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest first; pairs share nothing."""
        return by_length(self._lengths([self._checked(request) for request in requests]))

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens of each pair after truncation, special tokens included."""
        return [float(length) for length in self._lengths([self._checked(request) for request in requests])]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores in order, whatever pass each pair was in. They are read when all passes are queued."""
        asked = [self._checked(request) for request in requests]
        pairs: dict[int, Input] = {}
        found: dict[int, float] = {}
        with memory_guard(self.entry.id), torch.inference_mode(), self._classifier.interruptible.watching(cancelled):
            queued: list[tuple[list[int], torch.Tensor]] = []
            for places in self._classifier.passes(len(asked), lambda some: self._lengths([asked[p] for p in some])):
                if cancelled():
                    raise CancelledError("Cancelled.")
                pairs.update((place, self._pair(asked[place])) for place in places)
                queued.append((places, self._scores(self._classifier.logits([pairs[place] for place in places]))))
            for places, scores in queued:
                found.update(zip(places, scores.tolist(), strict=True))
        return [ScoreAnswer(score=found[place], usage=_usage(one, pairs[place])) for place, one in enumerate(asked)]

    def forget(self) -> None:
        """Empty the cache of token ids."""
        self._tokenizer.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights and what is remembered of texts."""
        self._model = None
        self._classifier.close()
        self.forget()
        free(self._device)

    def _scores(self, logits: torch.Tensor) -> torch.Tensor:
        if self._positive is None:
            return logits[:, 0]
        others = torch.cat([logits[:, : self._positive], logits[:, self._positive + 1 :]], dim=1)
        return logits[:, self._positive] - others.logsumexp(1)

    def _pair(self, request: Score) -> Input:
        query, document = (self._tokenizer.ids(text) for text in self._texts(request))
        room = self.max_length - self._frame.size - len(query)
        if room < 1:
            raise PromptTooLongError(self.entry.id, len(query) + self._frame.size, self.max_length)
        return self._framed(query, document, min(len(document), room))

    def _framed(self, query: Ids, document: Ids, kept: int) -> Input:
        ids, types = self._frame.build(query, document[:kept])
        if not len(ids):  # beside others, the head would read a state of theirs
            raise BadAnswerError(f"{self.entry.id}: query and document have no token.")
        return Input(ids=ids, types=types, total=len(document), kept=kept)

    def _probe(self, config: Any) -> list[Input]:  # noqa: ANN401  (any transformers config)
        """Pairs for the parity probe: a third of the tokens of each row is the query."""
        sample = self._tokenizer.ids(PROBE_TEXT).tolist()
        rows = probe_rows(sample, config, max(2, self.max_length - self._frame.size))
        parts = [np.split(np.asarray(row, dtype=np.int32), [1 + len(row) // 3]) for row in rows]
        return [self._framed(query, document, len(document)) for query, document in parts]

    def _lengths(self, requests: Sequence[Score]) -> list[int]:
        """Tokens of each pair after truncation."""
        texts = [self._texts(request) for request in requests]
        self._tokenizer.learn(text for pair in texts for text in pair)
        own = [sum(len(self._tokenizer.ids(text)) for text in pair) for pair in texts]
        return [min(self.max_length, max(1, self._frame.size + length)) for length in own]

    def _texts(self, request: Score) -> tuple[str, str]:
        return self._query_prefix + request.query, self._document_prefix + request.document.content

    def _checked(self, request: Request) -> Score:
        if not isinstance(request, Score):
            raise BadAnswerError(f"{self.entry.id} answers Score, not {type(request).__name__}.")
        if request.exit_layer is not None:
            raise BadAnswerError(f"{self.entry.id} has one head, behind its last layer; no other layer can be chosen.")
        return request


def load(entry: ModelEntry, context: LoadContext) -> CrossEncoderAdapter | LayerwiseAdapter:
    """Load the model of ``entry`` from its local folder; with heads behind several layers as layerwise.py does."""
    folder = model_folder(entry, context)
    if is_layerwise(folder):
        return load_from(entry, folder, context)
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


def _usage(request: Score, pair: Input) -> Usage:
    cut = (Cut(document_id=request.document.id, tokens=pair.total, kept=pair.kept),)
    return Usage(prompt_tokens=len(pair), cuts=cut if pair.kept < pair.total else ())
