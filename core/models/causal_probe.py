"""Proof at load that a causal language model answers packed, sharing leading parts, as it does one text at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from core.models import decoding
from core.models.forced import keeps_logits
from core.models.packed.model import PackedModel
from core.models.packed.parity import probe_rows, refusal, unproven
from core.models.packed.trie import TrieLimits, chunks
from core.models.prefill import PackedPrefill
from core.models.tokens import Ids

log = logging.getLogger(__name__)

_EARLY, _LATE, _TAIL = 12, 3, 6  # where rows branch off the longest one, from its begin and its end; their tails
_ALL = TrieLimits(tokens=2**31, outputs=2**31)


def scoring_refusal(packed: PackedModel, sample: Sequence[int], longest: int, precision: str) -> str:
    """Why packed passes must not be used for scoring, "" where they may; where they may only without leaving out rows
    of the last layer, ``packed.selects`` is false afterwards. ``sample``: token ids to try with."""
    if packed.refusal:
        return packed.refusal
    rows, compared = _rows(sample, packed.model.config, longest)
    if found := unproven(max(map(len, rows)), packed.model.device):
        return found
    expected = _plain(packed.model, rows[:compared])
    found = refusal(lambda: expected, partial(_packed, packed, rows, compared), precision)
    if found and packed.selects:
        log.info("The packed path without rows of the last layer: %s; trying with all rows.", found)
        packed.selects = False
        found = refusal(lambda: expected, partial(_packed, packed, rows, compared), precision)
    return found


def prefill_refusal(packed: PackedModel, sample: Sequence[int], precision: str) -> str:
    """Why prompts of texts to generate must be read in padded passes, "" where they need not: one decoding step after
    a packed prefill of two prompts that begin alike."""
    ids = np.asarray(sample, dtype=np.int32)
    texts, follows = [ids[:7], np.concatenate([ids[:4], ids[5:12]])], int(ids[0])
    longer = [np.append(text, np.int32(follows)) for text in texts]
    return refusal(partial(_plain, packed.model, longer, last=True), partial(_step, packed, texts, follows), precision)


def _rows(sample: Sequence[int], config: Any, longest: int) -> tuple[list[Ids], int]:  # noqa: ANN401  (as parity)
    """Rows, the last of which branch off others and off the longest; how many of them, from the first, to compare."""
    rows = probe_rows(sample, config, longest)
    tail = list(reversed(rows[-1][:_TAIL]))
    early = (rows[-1][:_EARLY] + tail)[:longest]
    late = rows[-1][: max(1, len(rows[-1]) - _LATE)] + tail[:_LATE]
    return [np.asarray(row, dtype=np.int32) for row in (*rows, early, late[:longest])], len(rows) + 1


def _positions(row: Ids) -> list[int]:
    return sorted({len(row) // 2, len(row) - 1})


def _plain(model: Any, rows: Sequence[Ids], *, last: bool = False) -> Any:  # noqa: ANN401  (a transformers model, an array)
    """(n_positions, vocabulary) of each row by itself; ``last``: at its last token only."""
    found = []
    for row in rows:
        at = torch.tensor(_positions(row)[-1 if last else 0 :], device=model.device)
        kept: dict[str, Any] = {"logits_to_keep": at} if keeps_logits(model) else {}
        ids = torch.from_numpy(row.astype(np.int64)).to(model.device)[None]
        logits = model(input_ids=ids, use_cache=False, **kept).logits[0]
        found.append((logits if kept else logits[at]).float().cpu())
    return torch.cat(found).numpy()


def _packed(packed: PackedModel, rows: Sequence[Ids], compared: int) -> Any:  # noqa: ANN401  (an array)
    [chunk] = chunks(rows, [_positions(row) for row in rows], _ALL)
    logits = packed.logits(chunk.plan).float().cpu()
    lines = dict(zip(chunk.rows, chunk.lines, strict=True))
    return torch.cat([logits[list(lines[row])] for row in range(compared)]).numpy()


def _step(packed: PackedModel, texts: Sequence[Ids], follows: int) -> Any:  # noqa: ANN401  (an array)
    """(n_texts, vocabulary) after one decoding step with the token ``follows``."""
    _, cache = PackedPrefill(packed, _ALL)(texts)
    mask, _ = decoding.left_padded(texts, packed.model.device)
    mask, inputs = decoding.next_inputs(mask, [follows] * len(texts))
    inputs = decoding.accepted(packed.model, inputs)
    return (
        packed.model(**inputs, attention_mask=mask, past_key_values=cache, use_cache=True).logits[:, -1].float().cpu()
    )
