"""The forward passes of one encoder-decoder: encoding, teacher-forced scoring, generation.

Equal inputs of a batch are encoded once. Encoding and decoding run in padded groups of neighbours in length, each with
an explicit mask. Decoder rows are filled up on the right while scoring (a causal decoder's states never see what
follows) and are of one length while generating.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from core.domain.errors import CancelledError
from core.models import decoding, grouping
from core.models.forced import Row as Forced
from core.models.fusion import Reader, joined
from core.models.grouping import GroupLimits, group
from core.models.packed.interrupt import Interruptible
from core.models.seq2seq_inputs import Work
from core.models.token_texts import Decode
from core.models.tokens import Row, mask_of, pad_right

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seq2SeqLimits:
    """Groups of ``encoding``, ``scoring`` and ``decoding``, by tokens of the encoder; ``logit_bytes``: of the logits of
    one scoring pass in fp32."""

    encoding: GroupLimits
    scoring: GroupLimits
    decoding: GroupLimits
    logit_bytes: int


CPU = Seq2SeqLimits(
    encoding=grouping.CPU_ENCODING,
    scoring=GroupLimits(tokens=2_048, waste=0.25, rows=16),
    decoding=grouping.CPU_DECODING,
    logit_bytes=2**26,
)
# Decoding keeps keys and values of every layer for each token that was encoded: 400 kB a token for T5 3B in bf16.
GPU = Seq2SeqLimits(
    encoding=grouping.GPU_ENCODING,
    scoring=grouping.GPU_SCORING,
    decoding=GroupLimits(tokens=16_384, waste=0.5, rows=128),
    logit_bytes=2**30,
)


class Seq2SeqRunner:
    """One model and how much of it is run at a time."""

    def __init__(self, model: Any, limits: Seq2SeqLimits) -> None:  # noqa: ANN401  (any encoder-decoder)
        self._model, self._limits = model, limits
        self._encoder = model.get_encoder()
        self._watched = (Interruptible(self._encoder), Interruptible(model.get_decoder()))
        self._vocabulary = int(model.config.get_text_config().vocab_size)

    def scores(self, works: Sequence[Work], cancelled: Cancelled) -> list[list[list[float]]]:
        """For each work and each of its rows what the row wants, in order. CancelledError, also out of a pass."""
        with self.watching(cancelled):
            states = self._states(works, cancelled)
            rows = [(index, place) for index, work in enumerate(works) for place in range(len(work.rows))]
            found: list[list[list[float]]] = [[[] for _ in work.rows] for work in works]
            for places in self._scoring([len(states[index]) for index, _ in rows], [_row(works, at) for at in rows]):
                if cancelled():
                    raise CancelledError("Cancelled.")
                chosen = [rows[place] for place in places]
                values = self._scored([_row(works, at) for at in chosen], [states[index] for index, _ in chosen])
                for (index, place), own in zip(chosen, values, strict=True):
                    found[index][place] = own
        return found

    def generate(
        self,
        works: Sequence[Work],
        jobs: Sequence[decoding.Job],
        ends: frozenset[int],
        decode: Decode,
        cancelled: Cancelled,
    ) -> list[decoding.Stream]:
        """One text for each job, in order; job i reads the texts of work i. CancelledError, also out of a pass."""
        found: dict[int, decoding.Stream] = {}
        with self.watching(cancelled):
            states = self._states(works, cancelled)
            for length in sorted({len(job.ids) for job in jobs}):  # of what the decoder has written already
                alike = [place for place, job in enumerate(jobs) if len(job.ids) == length]
                for places in group([len(states[place]) for place in alike], self._limits.decoding):
                    chosen = [alike[place] for place in places]
                    reader = Reader(self._model, [states[place] for place in chosen])
                    streams = decoding.generate(reader, [jobs[place] for place in chosen], ends, decode, cancelled)
                    found.update(zip(chosen, streams, strict=True))
        return [found[place] for place in range(len(jobs))]

    def encode(self, texts: Sequence[Row], cancelled: Cancelled) -> list[torch.Tensor]:
        """Last states (n_tokens, dim) of each text, without padding."""
        found: dict[int, torch.Tensor] = {}
        for places in group([len(text) for text in texts], self._limits.encoding):
            if cancelled():
                raise CancelledError("Cancelled.")
            chosen = [texts[place] for place in places]
            mask = mask_of(chosen, self._model.device)
            hidden = self._encoder(
                input_ids=pad_right(chosen, 0, self._model.device), attention_mask=mask
            ).last_hidden_state
            for place, own in zip(places, hidden, strict=True):
                found[place] = own[: len(texts[place])]
        return [found[place] for place in range(len(texts))]

    @contextmanager
    def watching(self, cancelled: Cancelled) -> Iterator[None]:
        """CancelledError out of the passes inside, as soon as ``cancelled`` is true before a layer of either half."""
        encoder, decoder = self._watched
        with encoder.watching(cancelled), decoder.watching(cancelled):
            yield

    def _states(self, works: Sequence[Work], cancelled: Cancelled) -> list[torch.Tensor]:
        """What each work's decoder reads; equal texts are encoded once."""
        texts = {text.tobytes(): text for work in works for text in work.texts}
        states = dict(zip(texts, self.encode(list(texts.values()), cancelled), strict=True))
        return [joined([states[text.tobytes()] for text in work.texts]) for work in works]

    def _scoring(self, lengths: Sequence[int], rows: Sequence[Forced]) -> Iterator[list[int]]:
        """Rows in passes: neighbours in what they read, and logits within their limit."""
        most = max(1, self._limits.logit_bytes // (4 * self._vocabulary))  # decoder tokens
        for places in group(lengths, self._limits.scoring):
            places.sort(key=lambda place: len(rows[place].ids))
            begin = 0
            for end in range(1, len(places) + 1):
                if end == len(places) or (end - begin + 1) * len(rows[places[end]].ids) > most:
                    yield places[begin:end]
                    begin = end

    def _scored(self, rows: Sequence[Forced], states: Sequence[torch.Tensor]) -> list[list[float]]:
        ids = pad_right([row.ids.tolist() for row in rows], 0, self._model.device)
        logits = Reader(self._model, states)(ids).logits
        return [_wanted(own, row) for own, row in zip(logits, rows, strict=True)]


def _row(works: Sequence[Work], at: tuple[int, int]) -> Forced:
    return works[at[0]].rows[at[1]]


def _wanted(logits: torch.Tensor, row: Forced) -> list[float]:
    """Log p, or the logit, of each wanted token; ``logits``: (n_tokens, vocabulary) of one row."""
    positions, tokens = (torch.tensor(column, device=logits.device) for column in zip(*row.wanted, strict=True))
    values = logits[positions, tokens].float()
    if not row.raw:
        lines, line = torch.unique(positions, return_inverse=True)
        values = values - logits[lines].float().logsumexp(-1)[line]
    found: list[float] = values.tolist()
    return found
