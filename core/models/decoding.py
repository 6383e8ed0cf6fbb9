"""Generation token by token with a key-value cache: greedy or sampled, several prompts together.

Rows are padded on the left so that all write at the same column; position ids count real tokens, so padding does
not shift a prompt. Each row samples with a generator of its own seed, so its text does not depend on its
neighbours. ``cancelled`` is checked at every step. Prompts may be read by somebody else (core/models/prefill.py).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from core.domain.errors import BadAnswerError, CancelledError
from core.models.token_texts import Decode, Gains, Rivals
from core.models.tokens import Ids

Prefill = Callable[[Sequence[Ids]], tuple[torch.Tensor, Any]]  # prompts -> next-token logits, left-padded cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One text to generate after ``ids``; ``top``: how many of the likeliest tokens to note at each place."""

    ids: Ids
    max_tokens: int
    temperature: float
    seed: int
    stop: tuple[str, ...]
    top: int = 0


@dataclass(slots=True)
class Stream:
    """What one job has produced so far; ``tokens`` include the end token. Where ``job.top`` asks for it: ``rivals`` the
    likeliest tokens at the place of each, ``gains`` what each added to the text."""

    job: Job
    generator: torch.Generator | None
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    finished: bool = False
    rivals: list[Rivals] = field(default_factory=list)
    gains: Gains = field(default_factory=Gains)

    @property
    def ended(self) -> bool:
        """Finished by itself or by its limit."""
        return self.finished or len(self.tokens) >= self.job.max_tokens


def generate(
    model: Any,  # noqa: ANN401  (any transformers causal language model)
    jobs: Sequence[Job],
    ends: frozenset[int],
    decode: Decode,
    cancelled: Callable[[], bool],
    prefill: Prefill | None = None,
) -> list[Stream]:
    """Run ``jobs`` together to their end. ``ends``: token ids that end a text; ``prefill``: who reads the prompts, the
    model itself in one padded pass where it is None. CancelledError, BadAnswerError."""
    streams = [Stream(job, _generator(job)) for job in jobs]
    active = [stream for stream in streams if not stream.ended]
    if not active:
        return streams
    mask, inputs = left_padded([stream.job.ids for stream in active], model.device)
    cache = None
    while active:
        if cancelled():
            raise CancelledError("Cancelled.")
        if cache is None and prefill is not None:
            logits, cache = prefill([stream.job.ids for stream in active])
        else:
            output = model(**accepted(model, inputs), attention_mask=mask, past_key_values=cache, use_cache=True)
            logits, cache = output.logits[:, -1], output.past_key_values
        chosen = _choose(logits.float(), active)
        _note(logits, active)
        for stream, token in zip(active, chosen, strict=True):
            _append(stream, token, ends, decode)
        going = [place for place, stream in enumerate(active) if not stream.ended]
        if len(going) < len(active) and going:
            cache.batch_select_indices(torch.tensor(going, device=mask.device))
        active = [active[place] for place in going]
        mask, inputs = next_inputs(mask[going], [chosen[place] for place in going])
    return streams


def _generator(job: Job) -> torch.Generator | None:
    return torch.Generator().manual_seed(job.seed) if job.temperature > 0 else None


def left_padded(rows: Sequence[Ids], device: torch.device) -> tuple[torch.Tensor, dict[str, Any]]:
    """The attention mask of rows padded on the left, and the other inputs of their first pass."""
    longest = max(len(row) for row in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, longest - len(row) :] = torch.from_numpy(row)
        mask[place, longest - len(row) :] = 1
    mask = mask.to(device)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    return mask, {"input_ids": ids.to(device), "position_ids": positions, "logits_to_keep": 1}


def next_inputs(mask: torch.Tensor, tokens: list[int]) -> tuple[torch.Tensor, dict[str, Any]]:
    """The mask with one column more, and the other inputs of the pass that reads ``tokens``, one for each row."""
    mask = torch.cat([mask, mask.new_ones((len(mask), 1))], dim=1)
    ids = torch.tensor(tokens, dtype=torch.long, device=mask.device).unsqueeze(1)
    return mask, {"input_ids": ids, "position_ids": mask.sum(1, keepdim=True) - 1}


def accepted(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  (as above)
    """``inputs`` that the model knows: those with relative positions (ALiBi) take no position ids, a few compute logits
    everywhere."""
    known = inspect.signature(model.forward).parameters
    return {name: value for name, value in inputs.items() if name in known}


def _choose(logits: torch.Tensor, streams: Sequence[Stream]) -> list[int]:
    if not torch.isfinite(logits).any(-1).all() or torch.isnan(logits).any():
        raise BadAnswerError("the model's next-token scores are not finite")
    best: list[int] = logits.argmax(-1).tolist()
    for place, stream in enumerate(streams):
        if stream.generator is not None:
            chances = (logits[place].cpu() / stream.job.temperature).softmax(-1)
            best[place] = int(torch.multinomial(chances, 1, generator=stream.generator))
    return best


def _note(logits: torch.Tensor, streams: Sequence[Stream]) -> None:
    """The likeliest tokens of each row of ``logits`` (n_rows, vocabulary) at temperature 1, where a job wants them."""
    for row, stream in zip(logits, streams, strict=True):
        if stream.job.top:
            values, tokens = row.float().log_softmax(-1).topk(min(stream.job.top, len(row)))
            pairs = zip(tokens.tolist(), values.tolist(), strict=True)
            stream.rivals.append(tuple((token, value) for token, value in pairs if value > -math.inf))


def _append(stream: Stream, token: int, ends: frozenset[int], decode: Decode) -> None:
    stream.tokens.append(token)
    if token in ends:
        stream.finished = True
    else:
        stream.text = decode([token for token in stream.tokens if token not in ends])
    if stream.job.top:
        stream.gains.add(stream.text)
    if stream.finished:
        return
    found = [place for place in (stream.text.find(stop) for stop in stream.job.stop if stop) if place >= 0]
    if found:
        stream.text = stream.text[: min(found)]
        stream.finished = True
