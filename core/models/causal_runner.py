"""The forward passes of one causal language model: packed where the trial at load allowed it, else padded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import CancelledError
from core.models import decoding, grouping
from core.models.attended import Attended
from core.models.causal_attention import LayerRange, document_masses, passes_of
from core.models.causal_probe import prefill_refusal, scoring_refusal
from core.models.decoding import Job, Stream
from core.models.forced import Row, cut, packed_logprobs, padded_logprobs
from core.models.grouping import GroupLimits
from core.models.packed.interrupt import Interruptible
from core.models.packed.model import PackedModel
from core.models.packed.trie import Chunk, TrieLimits, chunks, sort_key
from core.models.prefill import PackedPrefill
from core.models.token_texts import Decode
from core.models.tokens import Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerLimits:
    """``pass_tokens``: of one packed pass; ``logit_bytes``: of its logits in fp32; ``branching``: see TrieLimits;
    ``scoring``: of padded passes; ``decoding``: of one decoding batch."""

    pass_tokens: int
    logit_bytes: int
    branching: int
    scoring: GroupLimits
    decoding: GroupLimits


# Measured on one CPU core with 135M parameters: 3.0 ms a token in passes of 512 tokens, 2.9 of 1,024, 2.7 of 2,048,
# 2.5 of 4,096; a segment more takes as long as about one token. Larger passes also repeat fewer shared parts.
CPU = RunnerLimits(
    pass_tokens=4_096, logit_bytes=2**26, branching=2, scoring=grouping.CPU_SCORING, decoding=grouping.CPU_DECODING
)
GPU = RunnerLimits(
    pass_tokens=32_768, logit_bytes=2**30, branching=16, scoring=grouping.GPU_SCORING, decoding=grouping.GPU_DECODING
)


class CausalRunner:
    """``refusal``: why scoring is padded, "" where it is packed; ``shares_prompts``: whether prompts of texts to
    generate are read in packed passes."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401  (any transformers causal language model)
        limits: RunnerLimits,
        sample: Sequence[int],
        longest: int,
        precision: str,
    ) -> None:
        """Tries packed passes with the token ids of ``sample``, on rows of at most ``longest`` tokens."""
        self._model, self._limits = model, limits
        self._packed = PackedModel(model)
        self._interruptible = Interruptible(model)
        outputs = limits.logit_bytes // (4 * int(model.config.get_text_config().vocab_size))
        self._trie = TrieLimits(tokens=limits.pass_tokens, outputs=max(1, outputs), branching=limits.branching)
        self.refusal = scoring_refusal(self._packed, sample, longest, precision)
        self.shares_prompts = not self.refusal and not prefill_refusal(self._packed, sample, precision)

    def logprobs(self, rows: Sequence[Row], cancelled: Callable[[], bool]) -> list[list[float]]:
        """What each row wants, in order. CancelledError, also out of a forward pass."""
        with self._interruptible.watching(cancelled):
            if self.refusal:
                return padded_logprobs(self._model, rows, self._limits.scoring, cancelled)
            return packed_logprobs(self._packed, rows, self._trie, cancelled)

    def generate(
        self, jobs: Sequence[Job], ends: frozenset[int], decode: Decode, cancelled: Callable[[], bool]
    ) -> list[Stream]:
        """One text for each job, in order. CancelledError, also out of a forward pass."""
        prefill = PackedPrefill(self._packed, self._trie) if self.shares_prompts else None
        found: dict[int, Stream] = {}
        with self._interruptible.watching(cancelled):
            for places in self._batches([job.ids for job in jobs]):
                chosen = [jobs[place] for place in places]
                streams = decoding.generate(self._model, chosen, ends, decode, cancelled, prefill)
                found.update(zip(places, streams, strict=True))
        return [found[place] for place in range(len(jobs))]

    def masses(
        self, works: Sequence[Attended], layers: Sequence[LayerRange], cancelled: Callable[[], bool]
    ) -> list[NDArray[np.float32]]:
        """What the tokens of each text's documents are paid by those that read, (n_tokens,) float32, one document
        after another. ``layers``: of each text. Only where ``refusal`` is "". CancelledError, also out of a pass."""
        found: dict[int, NDArray[np.float32]] = {}
        with self._interruptible.watching(cancelled):
            for chunk in self.attention_passes(works, layers):
                if cancelled():
                    raise CancelledError("Cancelled.")
                own = [works[place] for place in chunk.rows]
                masses = document_masses(self._packed, chunk, own, [layers[place] for place in chunk.rows])
                found.update(zip(chunk.rows, masses, strict=True))
        return [found[place] for place in range(len(works))]

    def attention_passes(self, works: Sequence[Attended], layers: Sequence[LayerRange]) -> list[Chunk]:
        """The packed passes that ``masses`` makes; ``rows`` are indices of ``works``."""
        return passes_of(works, layers, self._trie)

    def scoring_passes(self, rows: Sequence[Row]) -> list[Chunk]:
        """The packed passes that ``logprobs`` makes."""
        return cut(rows, self._trie)

    def prompt_passes(self, prompts: Sequence[Ids]) -> list[Chunk]:
        """The packed passes that ``generate`` makes for the prompts; ``rows`` are indices of ``prompts``."""
        found: list[Chunk] = []
        for places in self._batches(prompts):
            own = [prompts[place] for place in places]
            for chunk in chunks(own, [[len(ids) - 1] for ids in own], self._trie):
                found.append(replace(chunk, rows=tuple(places[row] for row in chunk.rows)))
        return found

    def _batches(self, prompts: Sequence[Ids]) -> list[list[int]]:
        """Decoding batches: neighbours in leading parts where these are shared, else in length."""
        limits = self._limits.decoding
        if not self.shares_prompts:
            return grouping.group([len(ids) for ids in prompts], limits)
        batches: list[list[int]] = []
        longest = 0
        for place in sorted(range(len(prompts)), key=lambda place: sort_key(prompts[place])):
            longest = max(longest, len(prompts[place]))
            if batches and len(batches[-1]) < limits.rows and longest * (len(batches[-1]) + 1) <= limits.tokens:
                batches[-1].append(place)
            else:
                batches.append([place])
                longest = len(prompts[place])
        return batches
