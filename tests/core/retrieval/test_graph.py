"""The graph of vectors: recall against exact search, and a library that must not spoil another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.domain.errors import StorageError
from core.retrieval.dense_index import DenseIndex
from core.retrieval.graph import build_graph, map_graph
from core.retrieval.names import Names

PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from core.retrieval import dense_store
from core.retrieval.graph import build_graph
assert "usearch" not in sys.modules
for _ in build_graph([np.eye(4, dtype=np.float32)], Path(sys.argv[1])):
    pass
import torch
try:
    torch.empty(1 << 60, dtype=torch.uint8)
except RuntimeError as error:
    print(error)
"""


def test_recall_of_the_graph(tmp_path: Path) -> None:
    """3,000 vectors without any structure are harder than embeddings, whose recall is in docs/million-passages.md."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(3000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for _ in build_graph([vectors], tmp_path / "graph"):
        pass
    ids = Names.of(str(n) for n in range(3000))
    exact, graph = DenseIndex(ids, [vectors], None), DenseIndex(ids, [vectors], map_graph(tmp_path / "graph"))
    shares = []
    for _ in range(50):
        query = rng.normal(size=32).astype(np.float32)
        shares.append(len(set(exact.top(query, 20)) & set(graph.top(query, 20))) / 20)
    assert sum(shares) / len(shares) > 0.98


def test_what_is_no_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "graph").write_bytes(b"nothing of the kind")
    for name in ("graph", "absent"):
        with pytest.raises(StorageError, match="no graph of vectors"):
            map_graph(tmp_path / name)


def test_messages_of_torch_stay_whole(tmp_path: Path) -> None:
    """Running out of memory is recognised by what torch says."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "graph")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "DefaultCPUAllocator" in done.stdout, done.stderr
