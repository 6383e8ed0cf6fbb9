"""Token ids of texts, each text tokenised once and kept in a bounded cache."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from core.domain.errors import ModelUnavailableError
from core.models.bounded import BoundedMemory
from core.models.environment import transformers

CACHED_BYTES = 64_000_000  # of texts with their ids, and once more of those with offsets
NO_LIMIT = 1_000_000  # tokenizers without a limit of their own state a number of thirty digits

Ids = NDArray[np.int32]
Row = NDArray[np.int64]  # what a model is given


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """``ids``: (n_tokens,) without special tokens; ``ends``: (n_tokens,) character offsets where tokens end."""

    ids: Ids
    ends: Ids

    def __len__(self) -> int:
        return len(self.ids)


class TextTokenizer:
    """A fast tokenizer whose results are cached by text, in bounded memory.

    Raw use: no special tokens, no truncation, no padding; adapters add what their model wants.
    """

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401  (transformers has no common type)
        if not tokenizer.is_fast:
            raise ModelUnavailableError("the tokenizer has no tokenizer.json (a fast tokenizer is needed for offsets)")
        self.raw = tokenizer
        self._ids: BoundedMemory[str, Ids] = BoundedMemory(CACHED_BYTES)
        self._offsets: BoundedMemory[str, Tokens] = BoundedMemory(CACHED_BYTES)

    def encode(self, text: str) -> Tokens:
        """Tokens of ``text`` by itself, with offsets."""
        found = self._offsets.get(text)
        if found is None:
            found = self._encode(text)
            self._offsets.put(text, found, _size(text, found.ids, found.ends))
        return found

    def ids(self, text: str) -> Ids:
        """Token ids of ``text`` by itself: (n_tokens,)."""
        found = self._ids.get(text)
        return self._learn([text])[0] if found is None else found

    def known(self, text: str) -> int | None:
        """The number of tokens of a text whose ids are remembered, else None."""
        found = self._ids.get(text)
        return None if found is None else len(found)

    def learn(self, texts: Iterable[str]) -> None:
        """Remember the ids of all ``texts``; in one call, which takes two thirds of the time of one at a time."""
        unknown = [text for text in dict.fromkeys(texts) if self._ids.get(text) is None]
        if unknown:
            self._learn(unknown)

    def forget(self) -> None:
        """Empty the cache. (What the tokenizer library itself keeps, pieces of single words, stays: it is warm.)"""
        self._ids.clear()
        self._offsets.clear()

    def _learn(self, texts: list[str]) -> list[Ids]:
        backend = self.raw.backend_tokenizer
        backend.no_truncation()  # a tokenizer.json may state both, and a call of ``raw`` may leave them
        backend.no_padding()
        found = backend.encode_batch_fast(texts, add_special_tokens=False)
        ids = [np.asarray(encoding.ids, dtype=np.int32) for encoding in found]
        for text, own in zip(texts, ids, strict=True):
            self._ids.put(text, own, _size(text, own))
        return ids

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

    def build(self, first: Ids, second: Ids | None = None) -> tuple[Row, Row]:
        """Ids and token types of the whole input."""
        parts: list[ArrayLike] = [self.before, first, self.between, () if second is None else second, self.after]
        rows = [np.asarray(part, dtype=np.int64) for part in parts]
        return np.concatenate(rows), np.repeat(np.asarray(self.types, dtype=np.int64), [len(row) for row in rows])


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
    built = frame.build(*(tokenizer.ids(text) for text in texts))
    if [row.tolist() for row in built] != [list(ids), list(types)]:
        raise ModelUnavailableError("the tokenizer changes texts when it joins them, which is not supported")
    return frame


def load_tokenizer(folder: Path) -> TextTokenizer:
    """The tokenizer of a model folder, from local files and without remote code."""
    return TextTokenizer(
        transformers().AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    )


def pad_right(rows: Sequence[Sequence[int] | Row], fill: int, device: torch.device) -> torch.Tensor:
    """(n_rows, longest) int64, shorter rows filled on the right."""
    longest = max(len(row) for row in rows)
    padded = np.full((len(rows), longest), fill, dtype=np.int64)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return torch.from_numpy(padded).to(device)


def mask_of(rows: Sequence[Sequence[int] | Row], device: torch.device) -> torch.Tensor:
    """(n_rows, longest) int64: 1 for tokens, 0 for padding."""
    return pad_right([[1] * len(row) for row in rows], 0, device)


def _size(text: str, *arrays: Ids) -> int:
    return 200 + sys.getsizeof(text) + sum(array.nbytes for array in arrays)
