"""Collections: what is there, importing, and the built-in sample."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.datasets.sample import SAMPLE_NAME, sample_folder
from core.domain.collections import Collection, CollectionReader
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.ports import CollectionStore

ImportProgress = Callable[[int, int], None]


class CollectionService:
    """Lists, opens and imports collections."""

    def __init__(self, store: CollectionStore, directory: Path, *, max_document_chars: int) -> None:
        self._store = store
        self._directory = directory
        self._max_document_chars = max_document_chars
        self._readers: dict[str, CollectionReader] = {}
        self._lock = threading.Lock()

    def all(self) -> tuple[Collection, ...]:
        """Every registered collection, the sample first."""
        return self._store.collections()

    def get(self, name: str) -> Collection:
        """By name or fingerprint; UnknownNameError with the known names otherwise."""
        known = self.all()
        for collection in known:
            if name in (collection.name, collection.fingerprint):
                return collection
        raise UnknownNameError("collection", name, tuple(c.name for c in known))

    def reader(self, name: str) -> CollectionReader:
        """Read access; one reader per collection is shared by all threads."""
        collection = self.get(name)
        with self._lock:
            if collection.fingerprint not in self._readers:
                self._readers[collection.fingerprint] = CollectionFile(collection.path)
            return self._readers[collection.fingerprint]

    def import_path(
        self,
        path: Path,
        name: str,
        *,
        progress: ImportProgress = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
        sample: bool = False,
    ) -> tuple[Collection, tuple[str, ...]]:
        """Import a BEIR folder or a file of hits; returns the collection and warnings (unknown ids in qrels).

        InvalidInputError where the name is taken or the same content is there under another name;
        ImportFormatError with file, line and column where the source is malformed. Nothing is registered on error.
        """
        clean = name.strip()
        if not clean:
            raise InvalidInputError("Give the collection a name.")
        if any(clean == known.name for known in self.all()):
            raise InvalidInputError(f"There is already a collection named {clean!r}. Choose another name.")
        collection, warnings = import_source(
            path,
            self._directory,
            name=clean,
            max_document_chars=self._max_document_chars,
            progress=progress,
            cancelled=cancelled,
            sample=sample,
        )
        self._store.add_collection(collection)
        return collection, warnings

    def ensure_sample(self) -> Collection:
        """The built-in sample collection, imported on first use."""
        for collection in self.all():
            if collection.sample:
                return collection
        return self.import_path(sample_folder(), SAMPLE_NAME, sample=True)[0]
