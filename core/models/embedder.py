"""Embedding models: one vector per text (bi-encoders) or one per token (late interaction).

Pooled vectors are those of sentence-transformers before any Normalize stage (Reimers and Gurevych 2019): a
strategy that wants cosines normalises, one that wants inner products does not.

Token vectors are the last hidden states of the text's own tokens. [CLS] and [SEP] are left out: they stand for
no word, a query's [SEP] finds a document's [SEP] in every document, which adds nearly the same amount to each
MaxSim and so only noise. (ColBERT keeps its markers because it is trained with them; these models are not. Seen
with all-MiniLM-L6-v2 on 100 Cranfield queries: nDCG@10 0.378 without and 0.380 with them, no difference to tell.)
Tokens of a query or document prefix belong to the text, since the model was trained to read them with it.

Each text is run once: requests for its pooled and its token vectors share one row of a pass, and what a pass finds
beside what was asked is remembered (embedded.py). Structured prompts are answered by prompt_vectors.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Embed, EmbedAnswer, EmbedPrompt, Request, Usage
from core.models.base import Arrangement, LoadContext, by_length
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.embedded import At, Embedded, Vector
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.inputs import PROBE_TEXT, Input
from core.models.limits import position_limit
from core.models.packed.parity import probe_rows
from core.models.pooling import POOLINGS, Pooling
from core.models.prompt_rows import PromptRows
from core.models.prompt_vectors import PromptVectors, read_projector
from core.models.sentence_config import SentenceConfig, read_sentence_config
from core.models.text_encoder import States, TextEncoder
from core.models.tokens import Frame, Ids, TextTokenizer, frame_of, load_tokenizer

REMEMBERED = 1e-3  # the share of a request that is answered without a forward pass: above zero, and next to nothing

Asked = tuple[str, At]  # a text with its prefix, and the kind of vector


class EmbedderAdapter:
    """One loaded embedding model."""

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any transformers model)
        tokenizer: TextTokenizer,
        config: SentenceConfig,
        device: torch.device,
        projector: torch.nn.Module | None = None,
    ) -> None:
        """``config`` comes from the folder; the entry's options stand above it. ``projector``: of marked positions."""
        self.entry = entry
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device, self._lower = model, tokenizer, device, config.lower
        frame = frame_of(tokenizer, pair=False)
        self._frame: Frame = _with_suffix(frame, tokenizer, entry)
        limits = [entry.max_length, config.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._prefixes = {
            "query": entry.option("query_prefix", config.query_prefix),
            "document": entry.option("document_prefix", config.document_prefix),
        }
        self._encoder = TextEncoder(
            model,
            device,
            _pooling(entry, config),
            types="token_type_ids" in tokenizer.raw.model_input_names,
            precision=entry.precision,
            probe=self._probe(model.config),
        )
        self.batch_tokens = self._encoder.batch_tokens
        rows = PromptRows(entry, tokenizer, frame, self.max_length, lower=config.lower)
        self._prompts = PromptVectors(rows, self._encoder, projector)
        self._embedded = Embedded()
        self._tokens_asked = False  # then token vectors are computed and kept beside pooled ones, also where that costs

    @property
    def execution(self) -> str:
        """As proven when it was loaded: "packed" or "padded (REASON)"."""
        return self._encoder.execution.name

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest text first, equal ones next to each other: a text that is run or known already adds nothing."""
        if _are_prompts(requests):
            return by_length(self._prompts.lengths(requests))
        asked = self._asked(self._checked(requests))
        lengths = self._lengths([text for text, _ in asked])
        firsts: dict[str, int] = {}
        for place, (text, _) in enumerate(asked):
            firsts.setdefault(text, place)
        order = sorted(range(len(asked)), key=lambda place: (-lengths[place], firsts[asked[place][0]], place))
        full, added, run = [], [], set[str]()
        for place in order:
            known = self._known(asked[place])
            full.append(1 if known else lengths[place])
            added.append(0 if known or asked[place][0] in run else lengths[place])
            if not known:
                run.add(asked[place][0])
        return Arrangement(order=tuple(order), full=tuple(full), added=tuple(added))

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens of each text after truncation, special tokens included, divided among those who ask for it."""
        if _are_prompts(requests):
            return [float(length) for length in self._prompts.lengths(requests)]
        asked = self._asked(self._checked(requests))
        lengths = self._lengths([text for text, _ in asked])
        sharers = Counter(one[0] for one in asked if not self._known(one))
        return [
            REMEMBERED if self._known(one) else length / sharers[one[0]]
            for one, length in zip(asked, lengths, strict=True)
        ]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Vectors in order, whatever pass each text was in. They are read when all passes are queued."""
        if _are_prompts(requests):
            return self._of_prompts(requests, cancelled)
        embeds = self._checked(requests)
        asked = self._asked(embeds)
        self._tokens_asked |= any(at == "tokens" for _, at in asked)
        found = {one: vector for one in asked if (vector := self._embedded.get(*one)) is not None}
        texts = list(dict.fromkeys(text for text, at in asked if (text, at) not in found))
        with memory_guard(self.entry.id), torch.inference_mode(), self._encoder.interruptible.watching(cancelled):
            queued: list[tuple[list[str], list[Input], States]] = []
            for places in self._encoder.passes(len(texts), lambda some: self._lengths([texts[p] for p in some])):
                if cancelled():
                    raise CancelledError("Cancelled.")
                batch = [texts[place] for place in places]
                rows = [self._framed(self._tokenizer.ids(text)) for text in batch]
                queued.append((batch, rows, self._encoder.states(rows, whole=self._tokens_asked)))
            for batch, rows, states in queued:
                found.update(self._read(batch, rows, states))
        return [
            EmbedAnswer(vector=found[one], usage=self._usage(request, one[0]))
            for request, one in zip(embeds, asked, strict=True)
        ]

    def forget(self) -> None:
        """Empty the memories of token ids and of vectors."""
        self._tokenizer.forget()
        self._prompts.forget()
        self._embedded.clear()
        self._tokens_asked = False

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights and what is remembered of texts."""
        self._model = None
        self._encoder.close()
        self.forget()
        free(self._device)

    def _of_prompts(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        prompts = [request for request in requests if isinstance(request, EmbedPrompt)]
        if len(prompts) != len(requests):
            raise BadAnswerError(f"{self.entry.id} was asked for EmbedPrompt and Embed in one batch.")
        with memory_guard(self.entry.id), torch.inference_mode(), self._encoder.interruptible.watching(cancelled):
            return self._prompts.answer(prompts, cancelled)

    def _read(self, texts: Sequence[str], rows: Sequence[Input], states: States) -> dict[Asked, Vector]:
        """Everything that one pass found; remembered as well."""
        found: dict[Asked, Vector] = {}
        pooled = states.pooled.cpu().numpy()
        spare = states.whole and (self._tokens_asked or self._device.type == "cpu")  # a copy from a GPU takes time
        for place, (text, row, end) in enumerate(zip(texts, rows, states.ends, strict=True)):
            # A copy each: a view would keep the whole pass alive in the answer cache.
            found[text, "pooled"] = pooled[place].copy()
            if spare:
                begin = end - len(row) + len(self._frame.before)
                own = states.flat[begin : begin + row.kept].float().cpu().numpy()
                found[text, "tokens"] = np.array(own, copy=True)
        for (text, at), vector in found.items():
            self._embedded.put(text, at, vector)
        return found

    def _known(self, asked: Asked) -> bool:
        return self._embedded.get(*asked) is not None

    def _asked(self, requests: Sequence[Embed]) -> list[Asked]:
        """Every request's text as the model reads it."""
        texts = [self._prefixes[request.role] + request.text for request in requests]
        return [
            (text.lower() if self._lower else text, request.at) for text, request in zip(texts, requests, strict=True)
        ]

    def _checked(self, requests: Sequence[Request]) -> list[Embed]:
        for request in requests:
            if not isinstance(request, Embed):
                raise BadAnswerError(f"{self.entry.id} answers Embed and EmbedPrompt, not {type(request).__name__}.")
        return [request for request in requests if isinstance(request, Embed)]

    def _usage(self, request: Embed, text: str) -> Usage:
        total = len(self._tokenizer.ids(text))
        kept = min(total, self.max_length - self._frame.size)
        cut = (Cut(document_id=request.document_id or "", tokens=total, kept=kept),)
        return Usage(prompt_tokens=self._frame.size + kept, cuts=cut if kept < total else ())

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each row after truncation."""
        self._tokenizer.learn(texts)
        own = [self._frame.size + len(self._tokenizer.ids(text)) for text in texts]
        return [min(self.max_length, max(1, length)) for length in own]

    def _framed(self, own: Ids) -> Input:
        kept = min(len(own), self.max_length - self._frame.size)
        ids, types = self._frame.build(own[:kept])
        if not len(ids):  # beside others, pooling would read a state of theirs
            raise BadAnswerError(f"{self.entry.id}: the text has no token, so there is nothing to embed.")
        return Input(ids=ids, types=types, total=len(own), kept=kept)

    def _probe(self, config: Any) -> list[Input]:  # noqa: ANN401  (any transformers config)
        sample = self._tokenizer.ids(PROBE_TEXT).tolist()
        rows = probe_rows(sample, config, max(1, self.max_length - self._frame.size))
        return [self._framed(np.asarray(row, dtype=np.int32)) for row in rows]


def load(entry: ModelEntry, context: LoadContext) -> EmbedderAdapter:
    """Load the model of ``entry`` from its local folder; of an encoder-decoder (T5) the encoder alone."""
    folder = model_folder(entry, context)
    tokenizer = load_tokenizer(folder)
    device = device_for(context)
    library = transformers()
    config = library.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    alone = type(config) in library.MODEL_FOR_TEXT_ENCODING_MAPPING
    loader = library.AutoModelForTextEncoding if alone else library.AutoModel
    model = loader.from_pretrained(
        folder, dtype=dtype_of(entry), use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    model = model.eval().to(device)
    projector = read_projector(folder, dtype_of(entry), device)
    return EmbedderAdapter(entry, model, tokenizer, read_sentence_config(folder), device, projector)


def _pooling(entry: ModelEntry, config: SentenceConfig) -> Pooling:
    name = entry.option("pooling") or config.pooling or "mean"
    if name not in POOLINGS:
        raise ModelUnavailableError(f"pooling {name!r} is unknown; allowed are {', '.join(POOLINGS)}")
    return POOLINGS[name]


def _are_prompts(requests: Sequence[Request]) -> bool:
    return bool(requests) and isinstance(requests[0], EmbedPrompt)


def _with_suffix(frame: Frame, tokenizer: TextTokenizer, entry: ModelEntry) -> Frame:
    """The frame with the option ``suffix`` behind every text: special tokens that the model was trained to end a text
    with and that its tokenizer does not add (E2Rank: <|endoftext|>)."""
    ids = tokenizer.ids(entry.option("suffix")).tolist()
    if not set(ids) <= set(tokenizer.raw.added_tokens_decoder):
        raise ModelUnavailableError(f"suffix {entry.option('suffix')!r} is not made of special tokens of the model")
    return replace(frame, after=(*ids, *frame.after))
