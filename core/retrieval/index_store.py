"""BM25 indexes on disk: built once per collection, published by a rename, checked when loaded.

``<cache>/indexes/<fingerprint>/`` holds bm25s's arrays, the document ids and ``manifest.json`` with the
SHA-256 of every file and the settings. Whatever does not match is built again; the folder is disposable.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import uuid
from functools import lru_cache
from pathlib import Path

import bm25s

from core.datasets.collection_file import CollectionFile
from core.domain.errors import StorageError
from core.measures.analysis import VERSION
from core.retrieval.bm25_index import K1, B, Bm25Index

log = logging.getLogger(__name__)
MANIFEST, IDS = "manifest.json", "ids.json"
SETTINGS = {"k1": K1, "b": B, "method": "lucene", "analysis": VERSION, "bm25s": bm25s.__version__}


class _DamagedError(StorageError):
    """The stored index cannot be used."""


@lru_cache(maxsize=4)  # a memo of immutable files, keyed by fingerprint; not state
def open_index(path: Path, collection: str, cache_dir: Path) -> Bm25Index:
    """The index of the collection file at ``path`` with fingerprint ``collection``; built where there is none.

    StorageError where the collection file cannot be read or is another collection. An index that cannot be
    stored (disk full) is used all the same.
    """
    reader = CollectionFile(path)
    try:
        if reader.fingerprint != collection:
            raise StorageError(f"{path.name} holds another collection than {collection[:12]}.")
        folder = cache_dir / "indexes" / collection
        try:
            return _load(folder)
        except _DamagedError as error:
            log.info("BM25 index of %s is built: %s", collection[:12], error)
        index = Bm25Index.build(reader.all_documents())
    finally:
        reader.close()
    try:
        _save(index, folder)
    except OSError as error:
        log.warning("BM25 index of %s could not be stored: %s", collection[:12], error)
    return index


def _load(folder: Path) -> Bm25Index:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["settings"] != SETTINGS:
            raise _DamagedError("made with other settings")
        for name, known in manifest["files"].items():
            if _sha256(folder / name) != known:
                raise _DamagedError(f"{name} is damaged")
        ids = tuple(json.loads((folder / IDS).read_text("utf-8")))
        model = bm25s.BM25.load(folder, show_progress=False) if manifest["terms"] else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _DamagedError(f"none that can be read ({type(error).__name__})") from error
    return Bm25Index(ids, model)


def _save(index: Bm25Index, folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    old = folder.with_name(f".{folder.name}-old-{uuid.uuid4().hex}")
    try:
        aside.mkdir(parents=True)
        if index.model is not None:
            index.model.save(aside, show_progress=False)
        (aside / IDS).write_text(json.dumps(index.ids), "utf-8")
        files = {path.name: _sha256(path) for path in sorted(aside.iterdir())}
        manifest = {"settings": SETTINGS, "terms": index.model is not None, "files": files}
        (aside / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)  # fails where another process was quicker; its index is the same
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
