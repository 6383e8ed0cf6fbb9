"""Collections: what is there, importing, and the built-in sample."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.datasets.child_messages import Order
from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import aside_in
from core.datasets.importing import Imported, import_request, placed
from core.datasets.request import ImportRequest
from core.datasets.sample import SAMPLE_NAME, sample_folder
from core.datasets.source import ImportLimits
from core.domain.collections import Collection, CollectionReader
from core.domain.errors import InvalidInputError, RunoffError, UnknownNameError
from core.domain.first_stages import FirstStage
from core.domain.ports import CollectionStore
from core.services.collection_sets import CandidateSetRow, describe_set
from core.services.collection_summary import CollectionSummary, summarise
from core.services.import_process import ImportProcess

ImportProgress = Callable[[int, int], None]


class CollectionService:
    """Lists, opens and imports collections."""

    def __init__(self, store: CollectionStore, directory: Path, *, max_document_chars: int) -> None:
        self._store = store
        self._directory = directory
        self._limits = ImportLimits(max_document_chars=max_document_chars)
        self._readers: dict[str, CollectionFile] = {}
        self._summaries: dict[str, CollectionSummary] = {}
        self._sets: dict[tuple[str, FirstStage, int], CandidateSetRow] = {}
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
        return self._file(name)

    def summary(self, name: str) -> CollectionSummary:
        """What it holds in figures; counted once, for a collection never changes."""
        file = self._file(name)
        with self._lock:
            known = self._summaries.get(file.fingerprint)
        if known is None:
            known = summarise(file)
            with self._lock:
                self._summaries[file.fingerprint] = known
        return known

    def sets(self, name: str, stages: Sequence[FirstStage]) -> tuple[CandidateSetRow, ...]:
        """Its candidate sets in figures; ``stages``: which ones, as CandidateService.stages tells."""
        file = self._file(name)
        found = []
        for stage in stages:
            key = (file.fingerprint, stage, len(self._store.candidate_set(file.fingerprint, stage.set_name)))
            with self._lock:
                row = self._sets.get(key)
            if row is None:
                row = describe_set(self._store, file, stage)
                with self._lock:
                    self._sets[key] = row
            found.append(row)
        return tuple(found)

    def import_path(
        self,
        path: Path,
        name: str,
        *,
        progress: ImportProgress = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
        language: str = "en",
    ) -> tuple[Collection, tuple[str, ...]]:
        """Import in this process what lies at ``path``; returns the collection and warnings (unknown ids in qrels).

        InvalidInputError where the name is taken or the same content is there under another name;
        ImportFormatError with file, line and column where the source is malformed. Nothing is registered on error.
        """
        request = ImportRequest(source=str(path), name=self.check_name(name), language=language)
        aside = aside_in(self._directory, uuid.uuid4().hex)
        imported = import_request(request, aside, self._limits, progress=progress, cancelled=cancelled)
        return self.register(imported), imported.warnings

    def check_name(self, name: str) -> str:
        """The name without blanks around it; InvalidInputError where it is empty or taken."""
        clean = name.strip()
        if not clean:
            raise InvalidInputError("Give the collection a name.")
        if any(clean == known.name for known in self.all()):
            raise InvalidInputError(f"There is already a collection named {clean!r}. Choose another name.")
        return clean

    def register(self, imported: Imported) -> Collection:
        """Put the file of an import into place and register it; InvalidInputError where name or content is taken."""
        collection = placed(imported, self._directory)
        collection = replace(collection, name=collection.name.strip())
        try:
            self._store.add_collection(collection)
        except RunoffError:
            if all(known.fingerprint != collection.fingerprint for known in self.all()):
                collection.path.unlink(missing_ok=True)
            raise
        return collection

    def ensure_sample(self, ready: ImportProcess | None = None) -> Collection:
        """The built-in sample collection, imported on first use by a process of its own: the tools that write a
        collection file would stay in this one's memory for good. ``ready``: one that was started before."""
        for collection in self.all():
            if collection.sample:
                return collection
        request = ImportRequest(source=str(sample_folder()), name=SAMPLE_NAME, language="en", sample=True)
        aside = aside_in(self._directory, uuid.uuid4().hex)
        order = Order(request=request, aside=aside, limits=self._limits)
        return self.register((ready or ImportProcess()).follow(order, _Nobody()))

    def _file(self, name: str) -> CollectionFile:
        collection = self.get(name)
        with self._lock:
            if collection.fingerprint not in self._readers:
                self._readers[collection.fingerprint] = CollectionFile(collection.path)
            return self._readers[collection.fingerprint]


class _Nobody:
    """Follows an import without a word."""

    def report(self, *, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Not shown anywhere."""

    def cancelled(self) -> bool:
        """Never."""
        return False
