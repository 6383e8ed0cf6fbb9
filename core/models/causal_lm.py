"""Causal language models: label log-probabilities, likelihood of a continuation, generation.

LabelLogprobs: the label is tokenised where it stands, right after the prompt, and its log-probability is the
chain of its tokens, sum_t log p(l_t | prompt, l_<t), over the full vocabulary. It is exactly that spelling: a
strategy that accepts " yes" or "Yes" as well names them as further labels and adds the probabilities.
``raw``: the logit of its first token instead. ``exit_layer``: of the states after that layer.
Likelihood (Sachan et al. 2022, UPR): prompt and continuation are tokenised as one string; tokens that hold at
least one character of the continuation count, so one that straddles the boundary belongs to it.
AttentionMass (Chen et al. 2024, ICR): what the documents' tokens are paid; attended.py says whose a token is. A model
that cannot run packed passes is refused, since others write out attention of the square of the length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import (
    Answer,
    AttentionAnswer,
    AttentionMass,
    Generate,
    GenerateAnswer,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Request,
    Usage,
)
from core.models import causal_runner, decoding
from core.models.attended import Attended
from core.models.base import Arrangement, LoadContext, by_length
from core.models.causal_attention import LayerRange, layers_of
from core.models.causal_runner import CausalRunner
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.forced import Forced
from core.models.limits import position_limit
from core.models.packed.depth import depth_of
from core.models.packed.sharing import by_prefix, shares
from core.models.prompt_encoder import PromptEncoder
from core.models.token_texts import TokenTexts
from core.models.tokens import Ids, TextTokenizer, load_tokenizer

CPU_BATCH_TOKENS = 4_096
GPU_BATCH_TOKENS = 131_072
_SAMPLE = (
    "A ferry leaves the harbour at nine, and the last one returns before the evening storm; dogs travel free, "
    "bicycles need a ticket. Which passage answers the question better, 1 or 2?"
)
R = TypeVar("R", LabelLogprobs, Likelihood, Generate, AttentionMass)


class CausalLmAdapter:
    """One loaded causal language model."""

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any transformers causal language model)
        tokenizer: TextTokenizer,
        device: torch.device,
    ) -> None:
        """Tries whether packed passes may be used, which takes about a second of a CPU core for 135M parameters."""
        self.entry = entry
        on_gpu = device.type == "cuda"
        self.batch_tokens = GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device = model, tokenizer, device
        limits = [entry.max_length, tokenizer.limit, position_limit(model.config)]
        self.max_length = min(limit for limit in limits if limit)
        self._ends = _end_tokens(model, tokenizer)
        self._depth = depth_of(model.base_model) or 1
        self._encoder = PromptEncoder(entry, tokenizer, self.max_length)
        self._token_texts = TokenTexts(tokenizer.raw)
        sample = tokenizer.ids(_SAMPLE).tolist()
        with memory_guard(entry.id), torch.inference_mode():
            run = causal_runner.GPU if on_gpu else causal_runner.CPU
            self._runner = CausalRunner(model, run, sample, self.max_length, entry.precision)

    @property
    def execution(self) -> str:
        """ "packed", or "padded (REASON)"."""
        return f"padded ({self._runner.refusal})" if self._runner.refusal else "packed"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """By token ids where leading parts are shared, else by length; what may be generated counts."""
        rows: list[list[Ids]] = []
        further: list[int] = []
        depths: list[int] = []
        for request in requests:
            depths.append(self._depth_of(request))
            try:
                rows.append(self._rows(request))
                further.append(request.max_tokens if isinstance(request, Generate) else 0)
            except BadAnswerError:  # said again, as this request's failure, when it is answered
                rows.append([self._tokenizer.ids("")])
                further.append(self.max_length)
        if self._shares(requests):
            return by_prefix(rows, further, depths)
        return by_length([sum(map(len, own)) + more for own, more in zip(rows, further, strict=True)])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Packed: each token of each pass in equal parts for those whose text holds it there; exact, also where a
        batch takes several passes. Padded: tokens without padding. What is generated is not counted."""
        if not self._shares(requests):
            return [float(sum(map(len, self._rows(request)))) for request in requests]
        if isinstance(requests[0], Generate):
            prompts = [ids for request in requests for ids in self._rows(request)]
            return shares(self._runner.prompt_passes(prompts), range(len(requests)), len(requests))
        if isinstance(requests[0], AttentionMass):
            asked = [_expect(self.entry, request, AttentionMass) for request in requests]
            found = self._runner.attention_passes(*self._attended(asked))
            return shares(found, range(len(requests)), len(requests))
        works = [self._forced(request) for request in requests]
        owners = [place for place, work in enumerate(works) for _ in work.rows]
        return shares(self._runner.scoring_passes([row for work in works for row in work.rows]), owners, len(works))

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Answer requests of one type."""
        first = requests[0] if requests else None
        with memory_guard(self.entry.id), torch.inference_mode():
            if isinstance(first, LabelLogprobs):
                return self._labels([_expect(self.entry, request, LabelLogprobs) for request in requests], cancelled)
            if isinstance(first, Likelihood):
                return self._likelihoods([_expect(self.entry, request, Likelihood) for request in requests], cancelled)
            if isinstance(first, AttentionMass):
                return self._masses([_expect(self.entry, request, AttentionMass) for request in requests], cancelled)
            return self._texts([_expect(self.entry, request, Generate) for request in requests], cancelled)

    def forget(self) -> None:
        """Empty the caches of renderings and token ids."""
        self._encoder.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        del self._model, self._runner
        self._encoder.forget()
        free(self._device)

    def _shares(self, requests: Sequence[Request]) -> bool:
        """Whether requests of this type run leading parts once."""
        if requests and isinstance(requests[0], Generate):
            return self._runner.shares_prompts
        return not self._runner.refusal

    def _rows(self, request: Request) -> list[Ids]:
        """The token ids that go through the model before anything is generated."""
        if isinstance(request, Generate):
            return [self._encoder.opening(request).ids]
        if isinstance(request, AttentionMass):
            return [self._encoder.attended(request).ids]
        return [row.ids for row in self._forced(request).rows]

    def _forced(self, request: Request) -> Forced:
        if isinstance(request, LabelLogprobs):
            self._check_layer(request.exit_layer)
        if isinstance(request, LabelLogprobs | Likelihood):
            return self._encoder.forced(request)
        raise BadAnswerError(f"{self.entry.id} cannot answer {type(request).__name__}.")

    def _depth_of(self, request: Request) -> int:
        """How many layers the request runs."""
        if isinstance(request, LabelLogprobs) and request.exit_layer is not None:
            return request.exit_layer
        return layers_of(request, self._depth)[1] if isinstance(request, AttentionMass) else self._depth

    def _check_layer(self, layer: int | None) -> None:
        if layer is not None and not 1 <= layer <= self._depth:
            raise BadAnswerError(
                f"{self.entry.id} has the layers 1 to {self._depth}; the states after layer {layer} were asked for. "
                "Choose one of its layers, or none for the last."
            )

    def _attended(self, requests: Sequence[AttentionMass]) -> tuple[list[Attended], list[LayerRange]]:
        if self._runner.refusal:
            raise BadAnswerError(
                f"{self.entry.id} cannot say what its attention is paid to: {self._runner.refusal}. "
                "Choose a model that runs packed passes, or a strategy that needs no attention."
            )
        works = [self._encoder.attended(request) for request in requests]
        return works, [layers_of(request, self._depth) for request in requests]

    def _masses(self, requests: Sequence[AttentionMass], cancelled: Callable[[], bool]) -> list[Answer]:
        works, layers = self._attended(requests)
        found = self._runner.masses(works, layers, cancelled)
        return [
            AttentionAnswer(
                masses=masses,
                lengths=tuple(end - begin for begin, end in work.spans),
                usage=Usage(prompt_tokens=len(work.ids), cuts=work.cuts),
            )
            for work, masses in zip(works, found, strict=True)
        ]

    def _labels(self, requests: Sequence[LabelLogprobs], cancelled: Callable[[], bool]) -> list[Answer]:
        return [
            LabelAnswer(
                logprobs=tuple(sum(values[row][begin:end]) for row, begin, end in work.reads), usage=_usage(work)
            )
            for work, values in self._scored(requests, cancelled)
        ]

    def _likelihoods(self, requests: Sequence[Likelihood], cancelled: Callable[[], bool]) -> list[Answer]:
        scored = self._scored(requests, cancelled)
        return [LikelihoodAnswer(logprobs=tuple(values), usage=_usage(work)) for work, [values] in scored]

    def _scored(
        self, requests: Sequence[LabelLogprobs] | Sequence[Likelihood], cancelled: Callable[[], bool]
    ) -> list[tuple[Forced, list[list[float]]]]:
        """Each request's rows and what they want."""
        works = [self._forced(request) for request in requests]
        values = iter(self._runner.logprobs([row for work in works for row in work.rows], cancelled))
        return [(work, [next(values) for _ in work.rows]) for work in works]

    def _texts(self, requests: Sequence[Generate], cancelled: Callable[[], bool]) -> list[Answer]:
        prompts = [self._encoder.opening(request) for request in requests]
        jobs = [
            decoding.Job(
                ids=prompt.ids, max_tokens=request.max_tokens, temperature=request.temperature,
                seed=request.seed, stop=request.stop, top=request.top_logprobs,
            )
            for prompt, request in zip(prompts, requests, strict=True)
        ]  # fmt: skip
        streams = self._runner.generate(jobs, self._ends, self._token_texts.decode, cancelled)
        answers: list[Answer] = []
        for prompt, stream in zip(prompts, streams, strict=True):
            usage = Usage(prompt_tokens=len(prompt.ids), generated_tokens=len(stream.tokens), cuts=prompt.cuts)
            tokens = self._token_texts.written(stream.tokens, stream.gains.pieces(len(stream.text)), stream.rivals)
            answers.append(GenerateAnswer(text=stream.text, finished=stream.finished, tokens=tokens, usage=usage))
        return answers


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


def _expect(entry: ModelEntry, request: Request, kind: type[R]) -> R:
    if not isinstance(request, kind):
        raise BadAnswerError(f"{entry.id} was asked for {kind.__name__} and {type(request).__name__} in one batch.")
    return request


def _end_tokens(model: Any, tokenizer: TextTokenizer) -> frozenset[int]:  # noqa: ANN401  (as above)
    stated = getattr(model.generation_config, "eos_token_id", None)
    ids = stated if isinstance(stated, list) else [stated]
    return frozenset(int(token) for token in [*ids, tokenizer.raw.eos_token_id] if token is not None)


def _usage(work: Forced) -> Usage:
    return Usage(prompt_tokens=work.tokens, cuts=work.cuts)
