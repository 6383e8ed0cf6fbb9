"""Has the engine make candidate lists, and keeps them as they come."""

from __future__ import annotations

import queue
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.domain.canonical import digest
from core.domain.capabilities import Capability
from core.domain.collections import Collection
from core.domain.documents import CandidateList, Query
from core.domain.errors import CancelledError, EngineError, InvalidInputError
from core.domain.first_stages import FirstStage
from core.domain.models import ModelEntry
from core.domain.ports import CollectionStore, Engine
from core.domain.work import Ended, Event, Priority, Progress, Retrieved, RetrieveWork
from core.services.task import InterruptedTaskError

POLL_SECONDS = 0.1
KEEP_TOGETHER = 50  # lists per transaction: documents of a long run of queries are not held in memory

Told = Callable[[int, int, str], None]


class CandidateMaker:
    """First stages that the engine computes: BM25, dense, hybrid."""

    def __init__(self, store: CollectionStore, engine: Engine, models: Callable[[str], ModelEntry]) -> None:
        """``models``: the entry of a model id; UnknownNameError where there is none."""
        self._store, self._engine, self._models = store, engine, models

    def known(self, collection: str, stage: FirstStage) -> dict[str, str]:
        """Query id to list hash of the lists that are stored; those of another revision of the model are left out."""
        stored = self._store.candidate_set(collection, stage.set_name)
        label = self._label(stage, self._model(stage))
        if label == stage.set_name:
            return stored
        mine = self._store.candidate_set(collection, label)
        return {query: hash for query, hash in stored.items() if mine.get(query) == hash}

    def keep(
        self,
        collection: Collection,
        queries: Sequence[Query],
        stage: FirstStage,
        *,
        progress: Told = lambda _done, _total, _note: None,
        cancelled: Callable[[], bool] = lambda: False,
        job: str = "",
    ) -> dict[str, str]:
        """Make and store the list of every query; query id to hash. Errors as ``lists``; what came before them stays.

        ``job``: the background job this belongs to; without one, a person waits.
        """
        priority = Priority.BACKGROUND if job else Priority.INTERACTIVE
        found: dict[str, str] = {}
        waiting: list[CandidateList] = []
        try:
            for made in self.lists(
                collection, queries, stage, progress=progress, cancelled=cancelled, job=job, priority=priority
            ):
                waiting.append(made)
                found[made.query.id] = made.hash
                if len(waiting) >= KEEP_TOGETHER:
                    self._save(waiting, stage)
                    waiting = []
        finally:
            self._save(waiting, stage)
        return found

    def _save(self, lists: Sequence[CandidateList], stage: FirstStage) -> None:
        """Put them into the set of the stage, and into that of the revision that made them: a list is kept by its
        contents, so what it says of its origin may be another stage that found the same."""
        for set_name in dict.fromkeys((stage.set_name, *(made.first_stage for made in lists))):
            self._store.save_candidates(lists, set_name=set_name)

    def lists(
        self,
        collection: Collection,
        queries: Sequence[Query],
        stage: FirstStage,
        *,
        progress: Told = lambda _done, _total, _note: None,
        cancelled: Callable[[], bool] = lambda: False,
        job: str = "",
        priority: Priority = Priority.INTERACTIVE,
    ) -> Iterator[CandidateList]:
        """The lists as the engine makes them, not stored.

        EngineError where it cannot, CancelledError, InterruptedTaskError where the engine was closed meanwhile.
        """
        model = self._model(stage)
        work = RetrieveWork(
            job=f"{job or 'retrieve'}-{uuid.uuid4().hex}",
            collection=collection.fingerprint,
            path=collection.path,
            queries=tuple(queries),
            method=str(stage.retriever),
            depth=stage.depth,
            model=model,
            priority=priority,
        )
        label = self._label(stage, model)
        for event in self._events(work, cancelled):
            if isinstance(event, Retrieved):
                yield replace(event.candidates, first_stage=label)
            elif isinstance(event, Progress):
                progress(event.done, event.total, event.note)

    def _events(self, work: RetrieveWork, cancelled: Callable[[], bool]) -> Iterator[Event]:
        heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._engine.submit(work, heard.put)
        ended: Ended | None = None
        asked = False
        try:
            while ended is None:
                if not asked and cancelled():
                    asked = True
                    self._engine.cancel(work.job)
                try:
                    event = heard.get(timeout=POLL_SECONDS)
                except queue.Empty:
                    continue
                ended = event if isinstance(event, Ended) else None
                yield event
        finally:
            if ended is None:
                self._engine.cancel(work.job)
        if ended.interrupted:
            raise InterruptedTaskError("The engine was closed during the first stage.")
        if ended.cancelled:
            raise CancelledError("The first stage was cancelled.")
        if ended.error:
            raise EngineError(f"The first stage failed: {ended.error}")

    def _model(self, stage: FirstStage) -> ModelEntry | None:
        if not stage.retriever.embeds:
            return None
        entry = self._models(stage.source)
        if Capability.EMBED_POOLED not in entry.capabilities:
            raise InvalidInputError(
                f"{entry.id} ({entry.kind}) gives no text vectors. A {stage.retriever} first stage needs an embedder, "
                f"such as {stage.retriever}:all-minilm-l6-v2."
            )
        return entry

    @staticmethod
    def _label(stage: FirstStage, model: ModelEntry | None) -> str:
        """What the lists say of their origin: the name of the set, and which revision of the model made it."""
        return stage.set_name if model is None else f"{stage.set_name} ({digest(model.identity)[:12]})"
