"""The HNSW graph over clustered random vectors: time, size, and recall of the exact best."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED, DEPTH = 5, 100
VECTORS, DIMENSIONS, CLUSTERS, PROBES = 120_000, 384, 2_000, 200


def graph_step(folder: Path) -> dict[str, object]:
    """The graph over vectors that lie about random centres, kept in chunks as embeddings are."""
    from core.retrieval.graph import build_graph
    from core.retrieval.vector_chunks import CHUNK_ROWS, map_chunks, write_chunk

    rng = np.random.default_rng(SEED)
    place = folder / "vectors"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.iterdir():
        left.unlink()
    centres = _unit(rng.normal(size=(CLUSTERS, DIMENSIONS)))
    paths = [
        write_chunk(place, number, list(_near(rng, centres, min(CHUNK_ROWS, VECTORS - start))))
        for number, start in enumerate(range(0, VECTORS, CHUNK_ROWS))
    ]
    np.save(folder / "probes.npy", _near(rng, centres, PROBES))
    longest, began = 0.0, time.perf_counter()
    for _ in build_graph(map_chunks(paths), folder / "graph.usearch"):
        longest, began = max(longest, time.perf_counter() - began), time.perf_counter()
    size = (folder / "graph.usearch").stat().st_size
    note = f"{VECTORS:,} vectors of {DIMENSIONS} numbers, one thread; graph of {size / 1e6:,.0f} MB; "
    return {"note": note + f"longest piece of work {longest * 1000:,.0f} ms", "unbounded": True}


def recall_step(folder: Path) -> dict[str, object]:
    """What the graph finds of the exact top 100, and how long either takes."""
    from core.retrieval.dense_index import DenseIndex
    from core.retrieval.graph import map_graph
    from core.retrieval.names import Names
    from core.retrieval.vector_chunks import map_chunks

    chunks = map_chunks(sorted((folder / "vectors").glob("*.npy")))
    ids = Names.of(str(number) for number in range(VECTORS))
    exact, graph = DenseIndex(ids, chunks, None), DenseIndex(ids, chunks, map_graph(folder / "graph.usearch"))
    shares, exact_s, graph_s = [], [], []
    for probe in np.load(folder / "probes.npy"):
        found: dict[str, set[str]] = {}
        for name, index, seconds in (("exact", exact, exact_s), ("graph", graph, graph_s)):
            began = time.perf_counter()
            found[name] = {id for id, _ in index.top(probe, DEPTH)}
            seconds.append(time.perf_counter() - began)
        shares.append(len(found["exact"] & found["graph"]) / DEPTH)
    note = f"recall of the exact top {DEPTH}: mean {statistics.fmean(shares):.4f}, least {min(shares):.2f}; "
    return {"note": note + f"per query {_ms(graph_s)} ms against {_ms(exact_s)} ms", "unbounded": True}


def _near(rng: np.random.Generator, centres: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Unit vectors about random centres, as far from them as embeddings of one subject are."""
    chosen = centres[rng.integers(len(centres), size=count)]
    return _unit(chosen + rng.normal(size=chosen.shape) / np.sqrt(DIMENSIONS))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:,.0f}"
