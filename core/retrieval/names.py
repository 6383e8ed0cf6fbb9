"""Many texts by number, and the number of a text, without a Python object for each.

The texts lie one after the other in one array of UTF-8 bytes; a second array says where each ends, a third lists their
numbers in order of code points, which is the order of their bytes. So all of it can be memory-mapped. A million
document ids take 20 MB of file and nothing of the process but the pages that are looked at.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from heapq import merge
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.retrieval.step import Step, Steps, finished

RUN = 20_000  # names that are sorted or merged in one step


class Names:
    """``text``: (n_bytes,); ``ends``: (n,) where each text ends; ``order``: (n,) numbers, sorted by text."""

    def __init__(self, text: NDArray[np.uint8], ends: NDArray[np.int64], order: NDArray[np.int32]) -> None:
        self._text, self._ends, self._order = text, ends, order

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Number ``names`` in their order. Half surrogates, which no file can hold, are taken all the same."""
        return finished(NamesGathered(names).sorting(""))

    @classmethod
    def load(cls, folder: Path, kind: str) -> Names:
        """Map what ``save`` wrote; OSError, ValueError."""
        return cls(*(np.load(path, mmap_mode="r", allow_pickle=False) for path in _paths(folder, kind)))

    def save(self, folder: Path, kind: str) -> None:
        """Write three files whose names begin with ``kind``."""
        text, ends, order = _paths(folder, kind)
        np.save(text, self._text, allow_pickle=False)
        np.save(ends, self._ends, allow_pickle=False)
        np.save(order, self._order, allow_pickle=False)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        return self._bytes(number).decode("utf-8", "surrogatepass")

    def number(self, name: str) -> int | None:
        """The number of a text, or None where it is none of these."""
        wanted = name.encode("utf-8", "surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(int(self._order[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self):
            return None
        found = int(self._order[low])
        return found if self._bytes(found) == wanted else None

    def ranks(self) -> NDArray[np.int32]:
        """(n,) the place of every text among all when they are sorted."""
        places = np.empty(len(self), dtype=np.int32)
        places[self._order] = np.arange(len(self), dtype=np.int32)
        return places

    def _bytes(self, number: int) -> bytes:
        start = int(self._ends[number - 1]) if number else 0
        return self._text[start : int(self._ends[number])].tobytes()


class NamesGathered:
    """Names that come one by one."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._text = bytearray()
        self._ends = array("q")
        for name in names:
            self.add(name)

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, name: str) -> None:
        """The next name."""
        self._text += name.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))

    def sorting(self, note: str) -> Steps[Names]:
        """All of them, sorted in runs that are merged. A million take some seconds and 130 MB for that time."""
        ends = np.array(self._ends, dtype=np.int64)
        text = bytes(self._text)
        names: list[bytes] = []
        runs: list[list[int]] = []
        for start in range(0, len(ends), RUN):
            bounds = [int(ends[start - 1]) if start else 0, *ends[start : start + RUN].tolist()]
            names += [text[begin:end] for begin, end in pairwise(bounds)]
            runs.append(sorted(range(start, len(names)), key=names.__getitem__))
            yield Step(note=note, done=len(names), total=len(ends))
        order = np.empty(len(ends), dtype=np.int32)
        merged = merge(*runs, key=names.__getitem__)
        for start in range(0, len(ends), RUN):
            part = list(islice(merged, RUN))
            order[start : start + len(part)] = part
            yield Step(note=note, done=start + len(part), total=len(ends))
        return Names(np.frombuffer(text, dtype=np.uint8), ends, order)


def _paths(folder: Path, kind: str) -> tuple[Path, Path, Path]:
    return folder / f"{kind}.text.npy", folder / f"{kind}.ends.npy", folder / f"{kind}.order.npy"
