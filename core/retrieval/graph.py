"""The HNSW graph over the vectors of a corpus, by usearch.

Built by one thread in row order, so that the same vectors give the same graph. Vectors are held as float16 inside the
graph (half the memory; the scores are computed elsewhere, from the full ones). Parameters and the recall they give
against exact search: docs/million-passages.md.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.canonical import Json
from core.domain.errors import StorageError
from core.retrieval.step import Step, Steps

if TYPE_CHECKING:
    from usearch.index import Index

CONNECTIVITY = 32  # HNSW's M
EXPANSION_ADD = 128  # HNSW's efConstruction
PRECISION = "f16"
ROWS_PER_STEP = 64
SETTINGS: dict[str, Json] = {
    "connectivity": CONNECTIVITY,
    "expansion_add": EXPANSION_ADD,
    "precision": PRECISION,
    "usearch": version("usearch"),
}


def build_graph(chunks: Sequence[NDArray[np.float32]], path: Path) -> Steps[None]:
    """Write the graph of ``chunks``, (rows, dim) each; keys are row numbers."""
    total = sum(map(len, chunks))
    graph = _index_class()(
        ndim=chunks[0].shape[1],
        metric="ip",
        dtype=PRECISION,
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        enable_key_lookups=False,
    )
    row = 0
    for chunk in chunks:
        for start in range(0, len(chunk), ROWS_PER_STEP):
            part = np.array(chunk[start : start + ROWS_PER_STEP])
            graph.add(np.arange(row, row + len(part), dtype=np.uint64), part, threads=1)
            row += len(part)
            yield Step(note="building the graph of vectors", done=row, total=total)
    graph.save(str(path))


def map_graph(path: Path) -> Index:
    """The graph, memory-mapped; StorageError where it cannot be read."""
    try:
        graph = _index_class().restore(str(path), view=True, enable_key_lookups=False)
    except (ValueError, RuntimeError) as error:  # what usearch raises for a file that it cannot read
        raise StorageError(f"{path.name} is no graph of vectors: {error}") from error
    if graph is None:
        raise StorageError(f"{path.name} is no graph of vectors.")
    return graph


@lru_cache(maxsize=1)
def _index_class() -> type[Index]:
    """usearch, imported when there is a graph.

    It carries a C++ library of its own. Where that is the first in the process, the error messages of torch end at
    their first number, which is how running out of memory is recognised; so the system's comes first, for everybody.
    """
    if sys.platform == "linux":
        ctypes.CDLL("libstdc++.so.6", mode=ctypes.RTLD_GLOBAL)
    from usearch.index import Index

    return Index
