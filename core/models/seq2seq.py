"""Encoder-decoders (T5, FLAN-T5, mT5 and other plain ones of the library): labels, likelihood, generation, fusion.

LabelLogprobs: the decoder begins with its start token, and the label's log-probability is the chain of its tokens over
the full vocabulary; ``raw``: the logit of its first token. Labels may be special tokens (<extra_id_10>). Likelihood
(Sachan et al. 2022, UPR): the continuation is the decoder's text; the end token after it is not counted, because the
request asks for the continuation's own tokens and other models' answers have no more. GenerateFused (Izacard and Grave
2021): each prompt is encoded by itself and the decoder reads all. ScoreList: by models trained on the format "mvp".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import (
    Answer,
    Generate,
    GenerateAnswer,
    GenerateFused,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Request,
    ScoreList,
    ScoreListAnswer,
    Usage,
)
from core.models import decoding, fusion_views, seq2seq_runner
from core.models.base import Arrangement, LoadContext
from core.models.device import device_for, dtype_of, free, memory_guard, memory_of, synchronize
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.fusion_weights import plain_names
from core.models.limits import position_limit
from core.models.seq2seq_inputs import Seq2SeqInputs, Work
from core.models.seq2seq_runner import Seq2SeqRunner
from core.models.token_texts import TokenTexts
from core.models.tokens import TextTokenizer, load_tokenizer

CPU_BATCH_TOKENS = 8_192
GPU_BATCH_TOKENS = 131_072
R = TypeVar("R", LabelLogprobs, Likelihood, Generate, GenerateFused, ScoreList)


class Seq2SeqAdapter:
    """One loaded encoder-decoder."""

    execution = "padded (encoder-decoder)"

    def __init__(
        self,
        entry: ModelEntry,
        model: Any,  # noqa: ANN401  (any encoder-decoder of transformers)
        tokenizer: TextTokenizer,
        device: torch.device,
    ) -> None:
        """ModelUnavailableError where nothing says with which token the decoder begins."""
        self.entry = entry
        on_gpu = device.type == "cuda"
        self.batch_tokens = GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS
        self.memory_bytes = memory_of(model)
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._positions = position_limit(model.config)  # None: positions are relative, so what the entry states counts
        self.max_length = min(entry.max_length, self._positions or entry.max_length)
        self._ends = _end_tokens(model, tokenizer)
        self._inputs = Seq2SeqInputs(entry, tokenizer, self.max_length, _start_token(model))
        self._token_texts = TokenTexts(tokenizer.raw)
        self._runner = Seq2SeqRunner(model, seq2seq_runner.GPU if on_gpu else seq2seq_runner.CPU)

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest first, requests that read the same next to each other: what is read already is not run again."""
        works = [self._tried(request) for request in requests]
        firsts: dict[tuple[bytes, ...], int] = {}
        keys = [tuple(text.tobytes() for text in work.texts) if work else () for work in works]
        for place, key in enumerate(keys):
            firsts.setdefault(key, place)
        read = [work.read if work else self.max_length for work in works]
        more = [self._written(request, work) for request, work in zip(requests, works, strict=True)]
        order = sorted(range(len(works)), key=lambda place: (-read[place], firsts[keys[place]], place))
        full = tuple(max(1, read[place] + more[place]) for place in order)
        added = [
            more[place] if at and keys[place] and keys[place] == keys[order[at - 1]] else full[at]
            for at, place in enumerate(order)
        ]
        return Arrangement(order=tuple(order), full=full, added=tuple(added))

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens of the encoder's inputs, each divided among those who read it, and those that the decoder is given.
        What is generated is not counted."""
        works = [self._work(request) for request in requests]
        sharers = Counter(key for work in works for key in {text.tobytes() for text in work.texts})
        return [
            work.written + sum(len(text) / sharers[key] for key, text in {t.tobytes(): t for t in work.texts}.items())
            for work in works
        ]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Answer requests of one type."""
        first = requests[0] if requests else None
        with memory_guard(self.entry.id), torch.inference_mode():
            if isinstance(first, LabelLogprobs):
                return self._labels([_expect(self.entry, request, LabelLogprobs) for request in requests], cancelled)
            if isinstance(first, Likelihood):
                return self._likelihoods([_expect(self.entry, request, Likelihood) for request in requests], cancelled)
            if isinstance(first, GenerateFused):
                fused = [_expect(self.entry, request, GenerateFused) for request in requests]
                return self._fused(fused, cancelled)
            if isinstance(first, ScoreList):
                return [self._list(_expect(self.entry, request, ScoreList), cancelled) for request in requests]
            return self._texts([_expect(self.entry, request, Generate) for request in requests], cancelled)

    def forget(self) -> None:
        """Empty the caches of renderings and token ids."""
        self._inputs.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights and what is remembered of texts."""
        del self._model, self._runner
        self._inputs.forget()
        free(self._device)

    def _work(self, request: Request) -> Work:
        """What the request runs before anything is generated."""
        if isinstance(request, LabelLogprobs | Likelihood):
            if isinstance(request, LabelLogprobs) and request.exit_layer is not None:
                raise BadAnswerError(f"{self.entry.id} cannot leave after layer {request.exit_layer}; it runs all.")
            return self._inputs.forced(request)
        if isinstance(request, Generate):
            return self._inputs.opening(request.prompt)
        if isinstance(request, GenerateFused):
            return self._inputs.fused(request)
        if isinstance(request, ScoreList) and fusion_views.FORMAT in self.entry.formats:
            return self._viewed(request)
        raise BadAnswerError(f"{self.entry.id} cannot answer {type(request).__name__}.")

    def _viewed(self, request: ScoreList) -> Work:
        found = [self._inputs.prompt(fusion_views.view_prompt(request.query, d)) for d in request.documents]
        cuts = tuple(cut for encoded in found for cut in encoded.cuts)
        return Work(texts=tuple(encoded.ids for encoded in found), rows=(), reads=(), cuts=cuts)

    def _tried(self, request: Request) -> Work | None:
        """As ``_work``, None where that fails: it is said again, as this request's failure, when it is answered."""
        try:
            return self._work(request)
        except BadAnswerError:
            return None

    def _written(self, request: Request, work: Work | None) -> int:
        """Tokens that the decoder is given or may write."""
        return (work.written if work else 0) + (
            request.max_tokens if isinstance(request, Generate | GenerateFused) else 0
        )

    def _labels(self, requests: Sequence[LabelLogprobs], cancelled: Callable[[], bool]) -> list[Answer]:
        works = [self._work(request) for request in requests]
        return [
            LabelAnswer(
                logprobs=tuple(sum(values[row][begin:end]) for row, begin, end in work.reads),
                usage=Usage(prompt_tokens=work.read, cuts=work.cuts),
            )
            for work, values in zip(works, self._runner.scores(works, cancelled), strict=True)
        ]

    def _likelihoods(self, requests: Sequence[Likelihood], cancelled: Callable[[], bool]) -> list[Answer]:
        works = [self._work(request) for request in requests]
        return [
            LikelihoodAnswer(logprobs=tuple(values), usage=Usage(prompt_tokens=work.read + len(values), cuts=work.cuts))
            for work, [values] in zip(works, self._runner.scores(works, cancelled), strict=True)
        ]

    def _texts(self, requests: Sequence[Generate], cancelled: Callable[[], bool]) -> list[Answer]:
        works = [self._work(request) for request in requests]
        jobs = [
            decoding.Job(
                ids=work.rows[0].ids, max_tokens=self._room(work, request.max_tokens), stop=request.stop,
                temperature=request.temperature, seed=request.seed, top=request.top_logprobs,
            )
            for work, request in zip(works, requests, strict=True)
        ]  # fmt: skip
        return self._generated(works, jobs, cancelled)

    def _fused(self, requests: Sequence[GenerateFused], cancelled: Callable[[], bool]) -> list[Answer]:
        works = [self._work(request) for request in requests]
        jobs = [
            decoding.Job(
                ids=work.rows[0].ids, max_tokens=self._room(work, request.max_tokens), stop=(), temperature=0, seed=0
            )
            for work, request in zip(works, requests, strict=True)
        ]
        return self._generated(works, jobs, cancelled)

    def _generated(
        self, works: Sequence[Work], jobs: Sequence[decoding.Job], cancelled: Callable[[], bool]
    ) -> list[Answer]:
        streams = self._runner.generate(works, jobs, self._ends, self._token_texts.decode, cancelled)
        answers: list[Answer] = []
        for work, stream in zip(works, streams, strict=True):
            usage = Usage(prompt_tokens=work.read, generated_tokens=len(stream.tokens), cuts=work.cuts)
            tokens = self._token_texts.written(stream.tokens, stream.gains.pieces(len(stream.text)), stream.rivals)
            answers.append(GenerateAnswer(text=stream.text, finished=stream.finished, tokens=tokens, usage=usage))
        return answers

    def _room(self, work: Work, wanted: int) -> int:
        """Tokens that the decoder has positions for."""
        return wanted if self._positions is None else min(wanted, self._positions - len(work.rows[0].ids))

    def _list(self, request: ScoreList, cancelled: Callable[[], bool]) -> Answer:
        work = self._work(request)
        if not work.texts:
            return ScoreListAnswer(scores=())
        views = [token for name in fusion_views.VIEW_TOKENS for token in self._tokenizer.ids(name).tolist()]
        scores = fusion_views.view_scores(self._model, self._runner, work.texts, views, cancelled)
        return ScoreListAnswer(scores=tuple(scores), usage=Usage(prompt_tokens=work.read, cuts=work.cuts))


def load(entry: ModelEntry, context: LoadContext) -> Seq2SeqAdapter:
    """Load the model of ``entry`` from its local folder. ModelUnavailableError where it lacks weights, since the
    library would make them up."""
    folder = model_folder(entry, context)
    tokenizer = load_tokenizer(folder)
    device = device_for(context)
    model, found = transformers().AutoModelForSeq2SeqLM.from_pretrained(
        folder, dtype=dtype_of(entry), use_safetensors=True, local_files_only=True, trust_remote_code=False,
        key_mapping=plain_names(folder), output_loading_info=True,
    )  # fmt: skip
    if found["missing_keys"]:
        missing = sorted(found["missing_keys"])
        raise ModelUnavailableError(f"the file has no weights for {', '.join(missing[:3])} ({len(missing)} missing)")
    return Seq2SeqAdapter(entry, model.eval().to(device), tokenizer, device)


def _expect(entry: ModelEntry, request: Request, kind: type[R]) -> R:
    if not isinstance(request, kind):
        raise BadAnswerError(f"{entry.id} was asked for {kind.__name__} and {type(request).__name__} in one batch.")
    return request


def _start_token(model: Any) -> int:  # noqa: ANN401  (as above)
    stated = [model.generation_config.decoder_start_token_id, getattr(model.config, "decoder_start_token_id", None)]
    for token in stated:
        if isinstance(token, int):
            return token
    raise ModelUnavailableError("neither config.json nor generation_config.json states decoder_start_token_id")


def _end_tokens(model: Any, tokenizer: TextTokenizer) -> frozenset[int]:  # noqa: ANN401  (as above)
    stated = model.generation_config.eos_token_id
    ids = stated if isinstance(stated, list) else [stated]
    return frozenset(int(token) for token in [*ids, tokenizer.raw.eos_token_id] if token is not None)
