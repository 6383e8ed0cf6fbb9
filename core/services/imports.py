"""Imports as jobs: read by a process of their own, followed and cancelled like any job, registered at the end."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.datasets.child_messages import Order
from core.datasets.collection_writer import aside_in
from core.datasets.formats import format_named
from core.datasets.importing import Imported, import_request
from core.datasets.languages.names import checked_language
from core.datasets.meter import silent
from core.datasets.request import ImportRequest
from core.datasets.run_files import read_top
from core.datasets.source import ImportLimits
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, RunoffError, StorageError
from core.domain.jobs import Job, JobKind
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.import_process import ImportProcess
from core.services.jobs import JobService
from core.services.task import Task
from core.settings import Limits

STALE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """A registered collection. ``runs``: names of the candidate sets that were kept of runs."""

    collection: Collection
    language: str
    warnings: tuple[str, ...]
    runs: tuple[str, ...]


class ImportService:
    """Starts imports. The job's unit is bytes; its last message are the warnings, one on a line."""

    def __init__(
        self,
        collections: CollectionService,
        candidates: CandidateService,
        jobs: JobService,
        directory: Path,
        uploads: Path,
        limits: Limits,
    ) -> None:
        """``directory``: of collection files; ``uploads``: where files of people wait for their import."""
        self._collections = collections
        self._candidates = candidates
        self._jobs = jobs
        self._directory = directory
        self._uploads = uploads
        self._limits = ImportLimits(
            max_document_chars=limits.max_document_chars, max_query_chars=limits.max_query_chars
        )

    def start(self, request: ImportRequest) -> Job:
        """Import in the background. InvalidInputError for a name that is taken or a word that is not allowed; whatever
        is wrong with the files ends the job as failed, with the place. Nothing is registered then."""
        self._check(request)
        return self._jobs.work(
            lambda task: self._work(task, request),
            kind=JobKind.IMPORT,
            title=f"Import {request.name.strip()}",
            request=request.as_json(),
            then=lambda _job: self.discard(request.uploaded),
        )

    def running(self) -> tuple[Job, ...]:
        """Imports that have not ended, newest first."""
        return tuple(job for job in self._jobs.active() if job.kind is JobKind.IMPORT and not job.state.ended)

    def now(
        self,
        request: ImportRequest,
        *,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        say: Callable[[str], None] = lambda _text: None,
    ) -> ImportResult:
        """Import in this process, for a command line. Errors as ``import_request``; nothing is registered then."""
        self._check(request)
        aside = aside_in(self._directory, uuid.uuid4().hex)
        return self._keep(import_request(request, aside, self._limits, progress=progress, say=say))

    def receive(self, files: Mapping[str, BinaryIO]) -> Path:
        """Keep uploaded or pasted files (name, or folder/name, to content) in a folder of their own, which is returned.

        Name it in the request as ``uploaded``: it goes when the import has ended, or a day later.
        """
        self._sweep()
        folder = self._uploads / uuid.uuid4().hex
        try:
            folder.mkdir(parents=True)
            for name, content in files.items():
                content.seek(0)
                path = folder.joinpath(*(part for part in PurePosixPath(name).parts if part not in ("/", "..")))
                path.parent.mkdir(exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
        except OSError as error:
            self.discard(str(folder))
            raise StorageError(f"The uploaded files could not be kept: {error}.") from error
        return folder

    def discard(self, uploaded: str) -> None:
        """Remove a folder that ``receive`` made; any other path is left alone."""
        folder = Path(uploaded)
        if uploaded and folder.parent == self._uploads:
            shutil.rmtree(folder, ignore_errors=True)

    def _check(self, request: ImportRequest) -> None:
        self._collections.check_name(request.name)
        checked_language(request.language)
        format_named(request.format)
        for job in self.running():
            if isinstance(job.request, Mapping) and job.request.get("name") == request.name.strip():
                raise InvalidInputError(f"An import named {request.name.strip()!r} is running. Choose another name.")

    def _work(self, task: Task, request: ImportRequest) -> str:
        aside = aside_in(self._directory, task.id)
        process = ImportProcess()
        with task.stopped_by(process.stop):
            imported = process.follow(Order(request=request, aside=aside, limits=self._limits), task)
        return "\n".join(self._keep(imported).warnings)

    def _keep(self, imported: Imported) -> ImportResult:
        collection = self._collections.register(imported)
        stages, warnings = [], list(imported.warnings)
        for run in imported.runs:
            try:
                scored = read_top(run.path, run.depth, silent())
                stage = self._candidates.give_run(collection.fingerprint, run.path.name, scored, run.depth)
                stages.append(stage.set_name)
            except RunoffError as error:  # it fitted when it was checked; the collection is registered already
                warnings.append(f"The run {run.path.name} was not kept: {error}")
        return ImportResult(
            collection=collection, language=imported.language, warnings=tuple(warnings), runs=tuple(stages)
        )

    def _sweep(self) -> None:
        """Remove uploads that a process left behind a day ago or longer."""
        folders: Sequence[Path] = list(self._uploads.iterdir()) if self._uploads.is_dir() else []
        for folder in folders:
            if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
