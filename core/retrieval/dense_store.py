"""Vector indexes on disk: one per collection and model, computed in pieces, checked when opened, memory-mapped.

``<cache>/indexes/<fingerprint>-dense-<key>/`` holds ``chunks/`` (core.retrieval.vector_chunks), which stay whatever
happens, and ``index/`` with the ids, the graph where there is one, and a manifest. The key is a digest of everything
that the vectors depend on: the model's identity (revision, precision, longest input, prefixes, pooling), what is
embedded (title and text, in any language), and how it is kept (float32, unit length). The folder is disposable.
"""

from __future__ import annotations

import logging
import shutil
from functools import lru_cache
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.domain.canonical import Json, digest
from core.domain.documents import Document
from core.domain.errors import StorageError
from core.domain.models import ModelEntry
from core.retrieval.dense_index import DenseIndex
from core.retrieval.graph import SETTINGS, build_graph, map_graph
from core.retrieval.index_files import DamagedIndexError, aside_of, checked, described, publish
from core.retrieval.names import Names, NamesGathered
from core.retrieval.shared import Shared
from core.retrieval.step import Step, Steps, Wanted
from core.retrieval.vector_chunks import CHUNK_ROWS, map_chunks, sound_chunks, write_chunk
from core.strategies.vectors import unit

log = logging.getLogger(__name__)
FORMAT = 1
EXACT_DOCUMENTS = 100_000  # beyond, a graph proposes
IDS, GRAPH, CHUNKS, INDEX = "ids", "graph.usearch", "chunks", "index"


def settings(model: ModelEntry) -> dict[str, Json]:
    """What the vectors depend on."""
    return {
        "format": FORMAT,
        "model": model.identity,
        "embedded": "title, line break, text",
        "precision": "float32",
        "length": "unit",
        "chunk_rows": CHUNK_ROWS,
    }


def folder_of(collection: str, model: ModelEntry, cache_dir: Path) -> Path:
    """Where the vectors of the collection with this fingerprint lie."""
    return cache_dir / "indexes" / f"{collection}-dense-{digest(settings(model))[:16]}"


def opening(path: Path, collection: str, model: ModelEntry, cache_dir: Path) -> Steps[DenseIndex]:
    """The index of the collection file at ``path`` with fingerprint ``collection``; what is missing is computed.

    StorageError where the collection file cannot be read or is another collection, or where the disk is full.
    """
    folder = folder_of(collection, model, cache_dir)
    return _shared(folder).steps(lambda: _open(path, collection, model, folder))


@lru_cache(maxsize=4)  # a memo of immutable files; not state
def _shared(_folder: Path) -> Shared[DenseIndex]:
    return Shared()


forget = _shared.cache_clear


def _open(path: Path, collection: str, model: ModelEntry, folder: Path) -> Steps[DenseIndex]:
    reader = CollectionFile(path)
    try:
        if reader.fingerprint != collection:
            raise StorageError(f"{path.name} holds another collection than {collection[:12]}.")
        try:
            return (yield from _open_or_build(reader, model, folder))
        except OSError as error:
            raise StorageError(
                f"The vectors of {path.name} cannot be kept in {folder}: {error}. Make room there; what is done stays."
            ) from error
    finally:
        reader.close()


def _open_or_build(reader: CollectionFile, model: ModelEntry, folder: Path) -> Steps[DenseIndex]:
    (folder / CHUNKS).mkdir(parents=True, exist_ok=True)
    count = reader.document_count
    graph = SETTINGS if count > EXACT_DOCUMENTS else None
    wanted = {**settings(model), "documents": count, "graph": graph}
    chunks = yield from sound_chunks(folder / CHUNKS, note="checking the vectors")
    complete = len(chunks) == -(-count // CHUNK_ROWS)
    try:
        yield from checked(folder / INDEX, wanted, note="checking the vector index")
    except DamagedIndexError as error:
        log.info("Vector index %s is built: %s", folder.name, error)
        complete = False
    if not complete:
        ids = yield from _embed(reader, model, folder / CHUNKS, chunks, count)
        yield from _write(folder / INDEX, ids, _in_order(chunks), wanted)
    return DenseIndex(
        Names.load(folder / INDEX, IDS),
        map_chunks(_in_order(chunks)),
        map_graph(folder / INDEX / GRAPH) if graph else None,
    )


def _embed(
    reader: CollectionFile, model: ModelEntry, folder: Path, chunks: dict[int, Path], count: int
) -> Steps[NamesGathered]:
    """Fill ``chunks``; the ids of all documents."""
    ids = NamesGathered()
    part: list[Document] = []
    note = f"embedding documents with {model.id}"
    for document in reader.all_documents():
        ids.add(document.id)
        part.append(document)
        if len(part) == CHUNK_ROWS or len(ids) == count:
            step = Step(note=note, done=len(ids) - len(part), total=count)
            number = (len(ids) - 1) // CHUNK_ROWS
            if number in chunks:
                yield step
            else:
                yield from _embed_part(part, step, folder, number, chunks)
            part = []
    yield Step(note=note, done=count, total=count)
    return ids


def _embed_part(part: list[Document], step: Step, folder: Path, number: int, chunks: dict[int, Path]) -> Steps[None]:
    wanted = Wanted(texts=[document.content for document in part], role="document", step=step)
    while not wanted.complete:
        yield wanted
    chunks[number] = write_chunk(folder, number, [unit(row) for row in wanted.rows])


def _write(folder: Path, ids: NamesGathered, chunks: list[Path], wanted: dict[str, Json]) -> Steps[None]:
    aside = aside_of(folder)
    try:
        names = yield from ids.sorting("sorting the ids of vectors")
        names.save(aside, IDS)
        if wanted["graph"]:
            yield from build_graph(map_chunks(chunks), aside / GRAPH)
        yield from described(aside, wanted, note="checking the vector index")
        publish(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _in_order(chunks: dict[int, Path]) -> list[Path]:
    return [chunks[number] for number in sorted(chunks)]
