"""Builds a BM25 index of a corpus in pieces: little memory, and a pause after every piece.

bm25s holds the whole corpus and all of its postings several times while it builds. Here documents become blocks of
postings (term, row, frequency) that are sorted and set down on disk; then, for one range of terms after the other, the
blocks are merged, scored by the formula of core.retrieval.bm25_index, and appended to the arrays that bm25s reads. The
scores are those of bm25s bit for bit: the same operations in the same order and precision.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import Document
from core.measures.analysis import Analyzer
from core.retrieval.bm25_index import IDS, K1, TERMS, B
from core.retrieval.names import NamesGathered
from core.retrieval.step import Step, Steps

BLOCK_TOKENS = 1_000_000
RANGE_POSTINGS = 500_000
DOCUMENTS_PER_STEP = 200
DATA, INDICES, INDPTR = "data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy"  # as bm25s names them

Postings = NDArray[np.int32]  # (3, n): term, row, frequency, by term and then row


def build_steps(documents: Iterable[Document], language: str, folder: Path, *, total: int = 0) -> Steps[None]:
    """Write the index of ``documents`` into the existing ``folder``. ``total``: how many there are, where known."""
    builder = _Builder(language, folder)
    for document in documents:
        builder.add(document)
        if builder.rows % DOCUMENTS_PER_STEP == 0:
            yield Step(note="reading documents for BM25", done=builder.rows, total=total)
    builder.seal()
    yield from builder.write_names()
    for done, postings in builder.write_postings():
        yield Step(note="writing the BM25 index", done=done, total=postings)


class _Builder:
    def __init__(self, language: str, folder: Path) -> None:
        self._folder = folder
        self._analyzer = Analyzer(language)
        self._ids = NamesGathered()
        self._vocabulary: dict[str, int] = {}
        self._lengths = array("i")
        self._tokens = array("i")  # of the open block
        self._first_row = 0  # of the open block
        self._blocks: list[tuple[Path, int]] = []
        self._frequencies = np.zeros(0, dtype=np.int64)  # documents by term

    @property
    def rows(self) -> int:
        return len(self._lengths)

    def add(self, document: Document) -> None:
        """The next document."""
        number = self._vocabulary
        stems = self._analyzer.stems(document.content)
        self._tokens.extend([number.setdefault(stem, len(number)) for stem in stems])
        self._ids.add(document.id)
        self._lengths.append(len(stems))
        if len(self._tokens) >= BLOCK_TOKENS:
            self.seal()

    def seal(self) -> None:
        """Set the open block down."""
        if self._tokens:
            postings = self._open_block()
            path = self._folder / f"block-{len(self._blocks)}.tmp"
            postings.tofile(path)
            self._blocks.append((path, postings.shape[1]))
            known, self._frequencies = self._frequencies, np.bincount(postings[0], minlength=len(self._vocabulary))
            self._frequencies[: len(known)] += known
        self._tokens = array("i")
        self._first_row = self.rows

    def write_names(self) -> Steps[None]:
        """Ids and vocabulary; neither is held any longer."""
        ids = yield from self._ids.sorting("sorting the ids for BM25")
        ids.save(self._folder, IDS)
        self._ids = NamesGathered()
        terms = yield from NamesGathered(self._vocabulary).sorting("sorting the terms of BM25")
        terms.save(self._folder, TERMS)
        self._vocabulary = {}

    def write_postings(self) -> Iterator[tuple[int, int]]:
        """(postings written, postings in all) after every range of terms."""
        pointers = np.zeros(len(self._frequencies) + 1, dtype=np.int64)
        np.cumsum(self._frequencies, out=pointers[1:])
        np.save(self._folder / INDPTR, pointers, allow_pickle=False)
        total = int(pointers[-1])
        idf = self._idf()
        with (self._folder / DATA).open("wb") as data, (self._folder / INDICES).open("wb") as indices:
            _write_header(data, np.dtype(np.float32), total)
            _write_header(indices, np.dtype(np.int32), total)
            for low, high in _ranges(pointers):
                terms, rows, frequencies = self._merged(low, high)
                self._scores(idf, terms, rows, frequencies).tofile(data)
                rows.tofile(indices)
                yield int(pointers[high]), total
        for path, _ in self._blocks:
            path.unlink()

    def _open_block(self) -> Postings:
        tokens = np.frombuffer(self._tokens, dtype=np.int32).astype(np.int64)
        lengths = np.frombuffer(self._lengths, dtype=np.int32)[self._first_row :]
        rows = np.repeat(np.arange(self._first_row, self.rows, dtype=np.int64), lengths)
        pairs, frequencies = np.unique((tokens << 32) | rows, return_counts=True)
        return np.stack([pairs >> 32, pairs & 0xFFFFFFFF, frequencies]).astype(np.int32)

    def _idf(self) -> NDArray[np.float32]:
        n = self.rows
        frequencies, places = np.unique(self._frequencies, return_inverse=True)
        values = [math.log(1 + (n - df + 0.5) / (df + 0.5)) for df in frequencies.tolist()]
        return np.array(values, dtype=np.float32)[places]

    def _merged(self, low: int, high: int) -> Postings:
        """All postings of the terms from ``low`` to before ``high``."""
        parts = [_part(path, size, low, high) for path, size in self._blocks]
        joined = np.concatenate(parts, axis=1)
        return joined[:, np.argsort(joined[0], kind="stable")]  # blocks are in order of rows

    def _scores(
        self, idf: NDArray[np.float32], terms: NDArray[np.int32], rows: NDArray[np.int32], tf: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        lengths = np.frombuffer(self._lengths, dtype=np.int32)
        mean = lengths.mean()
        frequencies = tf.astype(np.float64)
        weights = frequencies / (K1 * ((1 - B) + B * lengths[rows] / mean) + frequencies)
        scores: NDArray[np.float32] = (idf[terms] * weights).astype(np.float32)
        return scores


def _part(path: Path, size: int, low: int, high: int) -> Postings:
    """Copied out of a map that is closed at once, so that what was read does not stay in the process."""
    block = np.memmap(path, dtype=np.int32, mode="r", shape=(3, size))
    start, end = np.searchsorted(block[0], [low, high])
    return np.array(block[:, start:end])


def _ranges(pointers: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Terms in ranges of about RANGE_POSTINGS postings; a more frequent term is a range of its own."""
    low, last = 0, len(pointers) - 1
    while low < last:
        high = int(np.searchsorted(pointers, pointers[low] + RANGE_POSTINGS, side="right")) - 1
        high = min(max(high, low + 1), last)
        yield low, high
        low = high


def _write_header(file: BinaryIO, dtype: np.dtype[np.float32] | np.dtype[np.int32], size: int) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (size,)}
    np.lib.format.write_array_header_1_0(file, header)
