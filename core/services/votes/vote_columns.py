"""The columns of the vote log, kept in memory and grown by what is newer: a vote costs a row, not a re-reading.

Buffers grow by half and are only ever written behind their end, so columns handed out earlier stay as they were.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.comparisons import Comparisons, Integers
from core.domain.voting import VoterKind

KEPT = 6  # logs in memory; a million rows are about 90 MB
_INDEXED = {"left": "systems", "right": "systems", "voter": "voters", "query": "queries", "group": "groups"}
_PLAIN = ("share", "both_bad", "vote", "at", "depth", "slot", "seconds")
_NAMES = ("systems", "voters", "queries", "groups")


class Columns(Protocol):
    """What is asked of the store; domain.vote_ports.VoteLogStore has it."""

    def comparisons(self, *, collection: str, kind: VoterKind, after: int = 0) -> Comparisons: ...


class VoteColumns:
    """Columns of the logs read last, one per collection and kind of voter."""

    def __init__(self, store: Columns) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, VoterKind], _Growing] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, collection: str, kind: VoterKind) -> Comparisons:
        """All rows until now, in the order of the log."""
        with self._lock:
            key = (collection, kind)
            found = self._kept.setdefault(key, _Growing())
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        found.grow(lambda after: self._store.comparisons(collection=collection, kind=kind, after=after))
        return found.whole()


class _Growing:
    """One log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[str, dict[str, int]] = {name: {} for name in _NAMES}
        self._buffers: dict[str, NDArray[np.generic]] = {}
        self._rows = 0
        self._last = 0
        self._whole: Comparisons | None = None

    def grow(self, newer: Callable[[int], Comparisons]) -> None:
        """Append what ``newer(last vote id)`` returns."""
        with self._lock:
            rows = newer(self._last)
            if len(rows) or self._whole is None:
                self._append(rows)

    def whole(self) -> Comparisons:
        """Everything so far, without copying."""
        with self._lock:
            assert self._whole is not None
            return self._whole

    def _append(self, rows: Comparisons) -> None:
        moved = {names: self._moved(names, getattr(rows, names)) for names in _NAMES}
        parts: dict[str, NDArray[np.generic]] = {
            **{column: moved[names][getattr(rows, column)] for column, names in _INDEXED.items()},
            **{column: getattr(rows, column) for column in _PLAIN},
        }
        end = self._rows + len(rows)
        for column, part in parts.items():
            self._room(column, part, end)[self._rows : end] = part
        self._rows = end
        if len(rows):
            self._last = int(rows.vote.max())
        self._whole = Comparisons(
            **{names: tuple(self._places[names]) for names in _NAMES},  # type: ignore[arg-type]  # fields by name
            **{column: self._buffers[column][:end] for column in parts},  # type: ignore[arg-type]  # fields by name
        )

    def _moved(self, names: str, given: tuple[str, ...]) -> Integers:
        """(len(given),) where each name stands here; new names go to the end."""
        places = self._places[names]
        return np.array([places.setdefault(name, len(places)) for name in given], dtype=np.int64)

    def _room(self, column: str, part: NDArray[np.generic], end: int) -> NDArray[np.generic]:
        """The column's buffer with room for ``end`` rows."""
        held = self._buffers.get(column)
        if held is None:
            held = np.array(part)
        elif len(held) < end:
            grown = np.empty(max(end, len(held) * 3 // 2), dtype=held.dtype)
            grown[: self._rows] = held[: self._rows]
            held = grown
        self._buffers[column] = held
        return held
