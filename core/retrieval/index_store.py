"""BM25 indexes on disk: built once per collection, checked when opened, memory-mapped.

``<cache>/indexes/<fingerprint>/`` holds the arrays of bm25s, ids and vocabulary (core.retrieval.names) and the
manifest, which names the language. Whatever does not match is built again; the folder is disposable.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import bm25s

from core.datasets.collection_file import CollectionFile
from core.domain.canonical import Json
from core.domain.errors import StorageError
from core.measures.analysis import VERSION
from core.retrieval.bm25_build import build_steps
from core.retrieval.bm25_index import K1, B, Bm25Index
from core.retrieval.index_files import DamagedIndexError, aside_of, checked, described, publish
from core.retrieval.shared import Shared
from core.retrieval.step import Steps, finished

log = logging.getLogger(__name__)
FORMAT = 2


def settings(language: str) -> dict[str, Json]:
    """What two indexes of one collection must agree in."""
    return {
        "format": FORMAT,
        "k1": K1,
        "b": B,
        "method": "lucene",
        "analysis": VERSION,
        "language": language,
        "bm25s": bm25s.__version__,
    }


def opening(path: Path, collection: str, cache_dir: Path) -> Steps[Bm25Index]:
    """The index of the collection file at ``path`` with fingerprint ``collection``; built where there is none.

    StorageError where the collection file cannot be read or is another collection, or where no disk takes the index.
    """
    return _shared(cache_dir / "indexes" / collection).steps(lambda: _open(path, collection, cache_dir))


def open_index(path: Path, collection: str, cache_dir: Path, alive: Callable[[], object] = lambda: None) -> Bm25Index:
    """The same in one go; ``alive`` is called between pieces of work."""
    return finished(opening(path, collection, cache_dir), alive)


@lru_cache(maxsize=4)  # a memo of immutable files; not state
def _shared(_folder: Path) -> Shared[Bm25Index]:
    return Shared()


forget = _shared.cache_clear


def _open(path: Path, collection: str, cache_dir: Path) -> Steps[Bm25Index]:
    folder = cache_dir / "indexes" / collection
    reader = CollectionFile(path)
    try:
        if reader.fingerprint != collection:
            raise StorageError(f"{path.name} holds another collection than {collection[:12]}.")
        language = reader.language
        try:
            yield from checked(folder, settings(language), note="checking the BM25 index")
            return Bm25Index.load(folder, language)
        except (DamagedIndexError, OSError, ValueError) as error:
            log.info("BM25 index of %s is built: %s", collection[:12], error)
        try:
            return (yield from _build(reader, folder))
        except OSError as error:
            log.warning("BM25 index of %s cannot be stored in the cache: %s", collection[:12], error)
        try:
            return (yield from _build_elsewhere(reader))
        except OSError as error:
            raise StorageError(f"The BM25 index of {path.name} needs room on disk: {error}.") from error
    finally:
        reader.close()


def _build(reader: CollectionFile, folder: Path) -> Steps[Bm25Index]:
    aside = aside_of(folder)
    try:
        yield from build_steps(reader.all_documents(), reader.language, aside, total=reader.document_count)
        yield from described(aside, settings(reader.language), note="checking the BM25 index")
        publish(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Bm25Index.load(folder, reader.language)


def _build_elsewhere(reader: CollectionFile) -> Steps[Bm25Index]:
    """For this process alone; the files are gone when it has mapped them."""
    with tempfile.TemporaryDirectory(prefix="runoff-bm25-") as folder:
        yield from build_steps(reader.all_documents(), reader.language, Path(folder), total=reader.document_count)
        return Bm25Index.load(Path(folder), reader.language)
