"""Token ids of texts, each text tokenised once and kept in a bounded cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.domain.errors import ModelUnavailableError
from core.models.environment import transformers

CACHED_TEXTS = 10_000
CACHED_CHARACTERS = 8_000  # a longer text is not kept: together this bounds the cache to some 300 MB at worst
NO_LIMIT = 1_000_000  # tokenizers without a limit of their own state a number of thirty digits

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """``ids``: (n_tokens,) without special tokens; ``ends``: (n_tokens,) character offsets where tokens end."""

    ids: Ids
    ends: Ids

    def __len__(self) -> int:
        return len(self.ids)


class TextTokenizer:
    """A fast tokenizer whose results are cached by text.

    Raw use: no special tokens, no truncation, no padding; adapters add what their model wants.
    """

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401  (transformers has no common type)
        if not tokenizer.is_fast:
            raise ModelUnavailableError("the tokenizer has no tokenizer.json (a fast tokenizer is needed for offsets)")
        self.raw = tokenizer
        self._cached = lru_cache(maxsize=CACHED_TEXTS)(self._encode)

    def encode(self, text: str) -> Tokens:
        """Tokens of ``text`` by itself."""
        return self._cached(text) if len(text) <= CACHED_CHARACTERS else self._encode(text)

    def forget(self) -> None:
        """Empty the cache. (What the tokenizer library itself keeps, pieces of single words, stays: it is warm.)"""
        self._cached.cache_clear()

    def _encode(self, text: str) -> Tokens:
        found = self.raw(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        ids = np.asarray(found["input_ids"], dtype=np.int32)
        ends = np.asarray([end for _, end in found["offset_mapping"]], dtype=np.int32)
        return Tokens(ids, ends)

    @property
    def limit(self) -> int:
        """Tokens that the tokenizer says an input may have."""
        return min(int(self.raw.model_max_length), NO_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The special tokens around one text or a pair, and the token types of the parts, as the tokenizer puts them."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    after: tuple[int, ...]
    types: tuple[int, ...]  # of before, first, between, second, after (5,), all 0 where the model has none

    @property
    def size(self) -> int:
        """Special tokens in all."""
        return len(self.before) + len(self.between) + len(self.after)

    def build(self, first: Ids, second: Ids | None = None) -> tuple[list[int], list[int]]:
        """Ids and token types of the whole input."""
        parts: list[Sequence[int]] = [self.before, first.tolist(), self.between]
        parts += [second.tolist() if second is not None else (), self.after]
        ids = [token for part in parts for token in part]
        types = [kind for part, kind in zip(parts, self.types, strict=True) for _ in part]
        return ids, types


def frame_of(tokenizer: TextTokenizer, *, pair: bool) -> Frame:
    """Learn the frame from an example; ModelUnavailableError if the tokenizer does something else with texts."""
    texts = ("first text", "second one") if pair else ("first text",)
    found = tokenizer.raw(*texts, return_token_type_ids=True)
    ids, types, owner = found["input_ids"], found["token_type_ids"], found.sequence_ids(0)
    last = len(texts) - 1
    begin, end = owner.index(0), len(owner) - owner[::-1].index(last)
    middle = [place for place in range(begin, end) if owner[place] is None]
    kind_between = types[middle[0]] if middle else 0
    frame = Frame(
        before=tuple(ids[:begin]),
        between=tuple(ids[place] for place in middle),
        after=tuple(ids[end:]),
        types=(types[0], types[begin], kind_between, types[end - 1], types[-1]),
    )
    parts = [tokenizer.encode(text).ids for text in texts]
    if frame.build(*parts) != (list(ids), list(types)):
        raise ModelUnavailableError("the tokenizer changes texts when it joins them, which is not supported")
    return frame


def load_tokenizer(folder: Path) -> TextTokenizer:
    """The tokenizer of a model folder, from local files and without remote code."""
    return TextTokenizer(
        transformers().AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    )


def pad_right(rows: Sequence[Sequence[int]], fill: int, device: torch.device) -> torch.Tensor:
    """(n_rows, longest) int64, shorter rows filled on the right."""
    longest = max(len(row) for row in rows)
    padded = np.full((len(rows), longest), fill, dtype=np.int64)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return torch.from_numpy(padded).to(device)


def mask_of(rows: Sequence[Sequence[int]], device: torch.device) -> torch.Tensor:
    """(n_rows, longest) int64: 1 for tokens, 0 for padding."""
    return pad_right([[1] * len(row) for row in rows], 0, device)
