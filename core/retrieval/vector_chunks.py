"""Vectors of a corpus on disk, in chunks of rows: what is there need not be computed again after an interruption.

A chunk is one .npy file of float32, (rows, dim), unit length. Its name holds its number and the beginning of its
SHA-256, so that a damaged or half-written one is told from a good one without any other record.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.retrieval.index_files import sha256
from core.retrieval.step import Step, Steps

CHUNK_ROWS = 256
_NAME = re.compile(r"([0-9]{6})-([0-9a-f]{32})\.npy")


def sound_chunks(folder: Path, *, note: str) -> Steps[dict[int, Path]]:
    """Number to file of every chunk that is as it was written; damaged ones and remains of writing are removed."""
    found: dict[int, Path] = {}
    paths = sorted(folder.glob("*.npy"))
    for done, path in enumerate(paths):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        yield Step(note=note, done=done, total=len(paths))
        if (yield from sha256(path, note=note)).startswith(match[2]):
            found[int(match[1])] = path
        else:
            path.unlink()
    for left in folder.glob("*.tmp"):
        left.unlink()
    return found


def write_chunk(folder: Path, number: int, rows: Sequence[NDArray[np.float32]]) -> Path:
    """Set vectors down as chunk ``number``; OSError."""
    buffer = io.BytesIO()
    np.save(buffer, np.stack(rows), allow_pickle=False)
    content = buffer.getvalue()
    path = folder / f"{number:06d}-{hashlib.sha256(content).hexdigest()[:32]}.npy"
    aside = folder / f"{uuid.uuid4().hex}.tmp"
    aside.write_bytes(content)
    aside.rename(path)
    return path


def map_chunks(paths: Sequence[Path]) -> list[NDArray[np.float32]]:
    """The chunks, memory-mapped; OSError, ValueError."""
    return [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]
