"""Causal language models: label log-probabilities, likelihood of a continuation, generation.

LabelLogprobs: the label is tokenised where it stands, right after the prompt, and its log-probability is the
chain of its tokens, sum_t log p(l_t | prompt, l_<t), over the full vocabulary. It is exactly that spelling: a
strategy that accepts " yes" or "Yes" as well names them as further labels and adds the probabilities.
Likelihood (Sachan et al. 2022, UPR): prompt and continuation are tokenised as one string; tokens that hold at
least one character of the continuation count, so one that straddles the boundary belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import torch

from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import (
    Answer,
    Cut,
    Generate,
    GenerateAnswer,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Prompt,
    Request,
    Usage,
)
from core.models import decoding, forced, grouping
from core.models.base import LoadContext
from core.models.chat import ChatRenderer
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.limits import position_limit
from core.models.prompts import PromptTooLongError, fit
from core.models.tokens import TextTokenizer, frame_of, load_tokenizer

CPU_BATCH_TOKENS = 2_048
GPU_BATCH_TOKENS = 131_072
CACHED_PROMPTS = 512
R = TypeVar("R", LabelLogprobs, Likelihood, Generate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Encoded:
    """A prompt that leaves room for what follows it."""

    text: str
    before: tuple[int, ...]  # special tokens that the tokenizer puts first; a chat template writes its own
    ids: tuple[int, ...]  # of before and text
    cuts: tuple[Cut, ...]


class CausalLmAdapter:
    """One loaded causal language model."""

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any transformers causal language model)
        tokenizer: TextTokenizer,
        device: torch.device,
    ) -> None:
        self.entry = entry
        on_gpu = device.type == "cuda"
        self.batch_tokens = GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._scoring = grouping.GPU_SCORING if on_gpu else grouping.CPU_SCORING
        self._decoding = grouping.GPU_DECODING if on_gpu else grouping.CPU_DECODING
        self._before = frame_of(tokenizer, pair=False).before
        self._renderer = ChatRenderer(tokenizer, entry.option("thinking"))
        limits = [entry.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._ends = _end_tokens(model, tokenizer)
        self._prompt = lru_cache(maxsize=CACHED_PROMPTS)(self._encode_prompt)

    def weight(self, request: Request) -> int:
        """Tokens of the prompt (shortened where it must be) and of what follows it."""
        try:
            if isinstance(request, LabelLogprobs):
                return len(self._prompt(request.prompt, self._room(request.labels)).ids)
            if isinstance(request, Likelihood):
                room = self._room((request.continuation,))
                return len(self._prompt(request.prompt, room).ids) + room
            asked = _expect(self.entry, request, Generate)
            return len(self._prompt(asked.prompt, asked.max_tokens).ids) + asked.max_tokens
        except PromptTooLongError:
            return self.max_length  # said again, as this request's failure, when it is answered

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Answer requests of one type; grouped inside by like length, see core/models/grouping.py."""
        first = requests[0] if requests else None
        with memory_guard(self.entry.id), torch.inference_mode():
            if isinstance(first, LabelLogprobs):
                return self._labels([_expect(self.entry, request, LabelLogprobs) for request in requests], cancelled)
            if isinstance(first, Likelihood):
                return self._likelihoods([_expect(self.entry, request, Likelihood) for request in requests], cancelled)
            return self._texts([_expect(self.entry, request, Generate) for request in requests], cancelled)

    def forget(self) -> None:
        """Empty the cache of token ids."""
        self._tokenizer.forget()
        self._prompt.cache_clear()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        self._model = None
        self._prompt.cache_clear()
        free(self._device)

    def _labels(self, requests: Sequence[LabelLogprobs], cancelled: Callable[[], bool]) -> list[Answer]:
        prompts = [self._prompt(request.prompt, self._room(request.labels)) for request in requests]
        rows: list[forced.Row] = []
        reads: list[list[tuple[int, int]]] = []  # per request and label: row, and where its values begin
        tails: list[list[tuple[int, ...]]] = []
        for request, prompt in zip(requests, prompts, strict=True):
            own = [self._tail(prompt, label) for label in request.labels]
            places, added = _label_rows(prompt.ids, own)
            reads.append([(len(rows) + row, begin) for row, begin in places])
            rows += added
            tails.append(own)
        values = forced.logprobs(self._model, rows, self._scoring, cancelled)
        answers: list[Answer] = []
        for prompt, places, own in zip(prompts, reads, tails, strict=True):
            sums = (sum(values[row][begin : begin + len(tail)]) for (row, begin), tail in zip(places, own, strict=True))
            answers.append(LabelAnswer(logprobs=tuple(sums), usage=_usage(prompt)))
        return answers

    def _likelihoods(self, requests: Sequence[Likelihood], cancelled: Callable[[], bool]) -> list[Answer]:
        prompts = [self._prompt(request.prompt, self._room((request.continuation,))) for request in requests]
        rows = [self._forced_row(prompt, request) for prompt, request in zip(prompts, requests, strict=True)]
        values = forced.logprobs(self._model, rows, self._scoring, cancelled)
        return [
            LikelihoodAnswer(
                logprobs=tuple(found),
                usage=Usage(prompt_tokens=len(row.ids) + 1, cuts=prompt.cuts),
            )
            for prompt, row, found in zip(prompts, rows, values, strict=True)
        ]

    def _texts(self, requests: Sequence[Generate], cancelled: Callable[[], bool]) -> list[Answer]:
        prompts = [self._prompt(request.prompt, request.max_tokens) for request in requests]
        jobs = [
            decoding.Job(
                ids=prompt.ids, max_tokens=request.max_tokens, temperature=request.temperature,
                seed=request.seed, stop=request.stop,
            )
            for prompt, request in zip(prompts, requests, strict=True)
        ]  # fmt: skip
        found: dict[int, Answer] = {}
        for places in grouping.group([len(job.ids) for job in jobs], self._decoding):
            chosen = [jobs[place] for place in places]
            for place, stream in zip(
                places, decoding.generate(self._model, chosen, self._ends, self._decode, cancelled), strict=True
            ):
                usage = Usage(
                    prompt_tokens=len(prompts[place].ids),
                    generated_tokens=len(stream.tokens),
                    cuts=prompts[place].cuts,
                )
                found[place] = GenerateAnswer(text=stream.text, finished=stream.finished, usage=usage)
        return [found[place] for place in range(len(requests))]

    def _encode_prompt(self, prompt: Prompt, room: int) -> _Encoded:
        """Render and shorten so that ``room`` more tokens fit."""
        before = () if self._renderer.is_chat(prompt) else self._before
        fitted = fit(
            prompt,
            self._renderer.render_for(prompt),
            self._renderer.clean,
            lambda text: self._tokenizer.encode(text).ends.tolist(),
            self.max_length - room - len(before),
            self.entry.id,
        )
        ids = (*before, *self._tokenizer.encode(fitted.text).ids.tolist())
        if not ids:
            raise BadAnswerError(f"{self.entry.id}: the prompt has no token; a model cannot go on from nothing.")
        return _Encoded(text=fitted.text, before=before, ids=ids, cuts=fitted.cuts)

    def _room(self, follows: Sequence[str]) -> int:
        """Tokens to leave for the longest of ``follows``; two to spare, since joining may split differently."""
        return 2 + max((len(self._tokenizer.encode(self._renderer.clean(text))) for text in follows), default=0)

    def _tail(self, prompt: _Encoded, label: str) -> tuple[int, ...]:
        """Tokens of ``label`` after the prompt; by itself where joining would change the prompt's own tokens."""
        whole = (*prompt.before, *self._tokenizer.encode(prompt.text + label).ids.tolist())
        joins = whole[: len(prompt.ids)] == prompt.ids
        tail = whole[len(prompt.ids) :] if joins else tuple(self._tokenizer.encode(label).ids.tolist())
        if not tail:
            raise BadAnswerError(f"{self.entry.id}: label {label!r} has no token.")
        return tail

    def _forced_row(self, prompt: _Encoded, request: Likelihood) -> forced.Row:
        found = self._tokenizer.encode(prompt.text + self._renderer.clean(request.continuation))
        ids = (*prompt.before, *found.ids.tolist())
        begin = len(prompt.before) + int((found.ends <= len(prompt.text)).sum())
        if not 0 < begin < len(ids):
            raise BadAnswerError(
                f"{self.entry.id}: the prompt or its continuation {request.continuation!r} has no token."
            )
        wanted = tuple((position - 1, ids[position]) for position in range(begin, len(ids)))
        return forced.Row(ids=ids[:-1], wanted=wanted)

    def _decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.raw.decode(ids, skip_special_tokens=True))


def load(entry: ModelEntry, context: LoadContext) -> CausalLmAdapter:
    """Load the model of ``entry`` from its local folder."""
    folder = model_folder(entry, context)
    tokenizer = load_tokenizer(folder)
    device = device_for(context)
    model = transformers().AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype_of(entry), use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    model.eval()
    return CausalLmAdapter(entry, model.to(device), tokenizer, device)


def _label_rows(
    prompt: tuple[int, ...], tails: Sequence[tuple[int, ...]]
) -> tuple[list[tuple[int, int]], list[forced.Row]]:
    """Rows that cover all labels: labels that differ only in their last token share one forward pass.

    Returns for each label (row, where its values begin in that row's), and the rows.
    """
    stems: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    begins: list[tuple[tuple[int, ...], int]] = []
    for tail in tails:
        wanted = stems.setdefault(tail[:-1], [])
        begins.append((tail[:-1], len(wanted)))
        wanted += [(len(prompt) - 1 + step, token) for step, token in enumerate(tail)]
    index = {stem: row for row, stem in enumerate(stems)}
    rows = [forced.Row(ids=(*prompt, *stem), wanted=tuple(wanted)) for stem, wanted in stems.items()]
    return [(index[stem], begin) for stem, begin in begins], rows


def _expect(entry: ModelEntry, request: Request, kind: type[R]) -> R:
    if not isinstance(request, kind):
        raise BadAnswerError(f"{entry.id} was asked for {kind.__name__} and {type(request).__name__} in one batch.")
    return request


def _end_tokens(model: Any, tokenizer: TextTokenizer) -> frozenset[int]:  # noqa: ANN401
    stated = getattr(model.generation_config, "eos_token_id", None)
    ids = stated if isinstance(stated, list) else [stated]
    return frozenset(int(token) for token in [*ids, tokenizer.raw.eos_token_id] if token is not None)


def _usage(prompt: _Encoded) -> Usage:
    return Usage(prompt_tokens=len(prompt.ids), cuts=prompt.cuts)
