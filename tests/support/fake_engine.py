"""An engine without a process: answers at once on the caller's thread, or when it is told to.

Systems order documents by a digest of system and document, so that orders differ and repeat; the baseline
``first-stage`` keeps the first-stage order. Retrieval counts shared words. A probe takes one to two milliseconds
per document, by the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from core.datasets.collection_file import CollectionFile
from core.domain.documents import CandidateList, Document, Query
from core.domain.ports import Listener
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.systems import System
from core.domain.work import (
    CacheState,
    CheckWork,
    Ended,
    EngineStatus,
    FetchWork,
    Probed,
    ProbeWork,
    Progress,
    Ranked,
    RankFailed,
    RankWork,
    ResidentModel,
    Retrieved,
    RetrieveWork,
    Traced,
    TraceWork,
    Work,
)
from tests.support.traces import fake_trace

MACHINE = "cpu, 2 threads"


class FakeEngine:
    """Implements domain.ports.Engine.

    ``held``: work of the kinds ``holds`` (ranking, probes, downloads) waits for ``release`` (or ``cancel``).
    ``failing``: strategies whose systems fail, with the reason. ``disturbed``: ids of queries whose latency could not
    be measured.
    """

    def __init__(
        self, *, held: bool = False, failing: dict[str, str] | None = None, disturbed: frozenset[str] = frozenset()
    ) -> None:
        self.held = held
        self.failing = failing or {}
        self.disturbed = disturbed
        self.holds: tuple[type, ...] = (RankWork, FetchWork, ProbeWork, TraceWork)
        self.works: list[Work] = []
        self.models: list[ResidentModel] = []
        self.cache = CacheState()
        self._waiting: dict[str, tuple[Work, Listener]] = {}
        self.closed = False

    def submit(self, work: Work, listener: Listener) -> None:
        self.works.append(work)
        if self.held and isinstance(work, self.holds):
            self._waiting[work.job] = (work, listener)
            return
        self._do(work, listener)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Jobs that are held now."""
        return tuple(self._waiting)

    def release(self) -> None:
        """Do everything that waits."""
        waiting, self._waiting = self._waiting, {}
        for work, listener in waiting.values():
            self._do(work, listener)

    def step(self, job: str, rankings: int) -> None:
        """Deliver the first ``rankings`` (or probed lists) of a held job without ending it."""
        work, listener = self._waiting[job]
        if isinstance(work, ProbeWork):
            self._probe(work, listener, rankings)
            done = (*work.done, *_open_pairs(work)[:rankings])
            self._waiting[job] = (replace(work, done=done), listener)
            return
        assert isinstance(work, RankWork)
        for system, candidates in work.tasks[:rankings]:
            self._rank(work, work.systems[system], work.lists[candidates], listener)

    def cancel(self, job: str) -> None:
        held = self._waiting.pop(job, None)
        if held is not None:
            held[1](Ended(job=job, cancelled=True))

    def interrupt(self) -> None:
        """End what waits as a closing process does."""
        waiting, self._waiting = self._waiting, {}
        for work, listener in waiting.values():
            listener(Ended(job=work.job, error="The engine is closing.", interrupted=True))

    def status(self) -> EngineStatus:
        return EngineStatus(
            state="ready",
            device="cpu",
            machine=MACHINE,
            models=tuple(self.models),
            model_memory_bytes=8_000_000_000,
            cache=self.cache,
        )

    def unload(self, model: str) -> None:
        self.models = [loaded for loaded in self.models if loaded.id != model]

    def close(self) -> None:
        self.closed = True

    def _do(self, work: Work, listener: Listener) -> None:
        if isinstance(work, RankWork):
            for system, candidates in work.tasks:
                self._rank(work, work.systems[system], work.lists[candidates], listener)
        elif isinstance(work, ProbeWork):
            self._probe(work, listener, len(work.systems) * len(work.lists))
        elif isinstance(work, TraceWork):
            self._trace(work, listener)
        elif isinstance(work, RetrieveWork):
            for query in work.queries:
                listener(_retrieved(work, query))
        elif isinstance(work, FetchWork | CheckWork):
            listener(Progress(job=work.job, done=1, total=1, note="done"))
        listener(Ended(job=work.job))

    def _rank(self, work: RankWork, system: System, candidates: CandidateList, listener: Listener) -> None:
        if system.strategy in self.failing:
            self._failed(work.job, system, candidates, listener)
            return
        listener(Ranked(job=work.job, ranking=fake_ranking(system, candidates)))

    def _trace(self, work: TraceWork, listener: Listener) -> None:
        if work.system.strategy in self.failing:
            self._failed(work.job, work.system, work.candidates, listener)
            return
        listener(Progress(job=work.job, done=1, total=2, note="replaying"))
        ranking = fake_ranking(work.system, work.candidates)
        listener(Traced(job=work.job, trace=fake_trace(work.system, work.candidates, ranking)))

    def _failed(self, job: str, system: System, candidates: CandidateList, listener: Listener) -> None:
        reason = self.failing[system.strategy]
        listener(RankFailed(job=job, system=system.fingerprint, candidates=candidates.hash, message=reason))

    def _probe(self, work: ProbeWork, listener: Listener, most: int) -> None:
        """The first ``most`` lists that are not done, system by system; a failing system says so once."""
        pairs = _open_pairs(work)
        failed: set[int] = set()
        for done, (index, place) in enumerate(pairs[:most], start=1):
            system, candidates = work.systems[index], work.lists[place]
            if system.strategy in self.failing:
                if index not in failed:
                    failed.add(index)
                    self._failed(work.job, system, candidates, listener)
                continue
            listener(fake_probe(work.job, system, candidates, disturbed=candidates.query.id in self.disturbed))
            note = f"latency of {system.spec}: {place + 1} of {len(work.lists)} queries"
            listener(Progress(job=work.job, done=done, total=len(pairs), note=note))


def _open_pairs(work: ProbeWork) -> list[tuple[int, int]]:
    return [(s, i) for s in range(len(work.systems)) for i in range(len(work.lists)) if (s, i) not in work.done]


def machine_of(system: System) -> str:
    """Where this engine ranks, with the precisions of the models."""
    precisions = "/".join(sorted({model.precision for model in system.models}))
    return f"{MACHINE}, {precisions}" if precisions else MACHINE


def fake_probe(job: str, system: System, candidates: CandidateList, *, disturbed: bool = False) -> Probed:
    """The latency that this engine measures; every model takes a megabyte per character of its id."""
    share = int.from_bytes(hashlib.sha256(f"{system.fingerprint}|{candidates.hash}".encode()).digest()[:4]) / 2**32
    return Probed(
        job=job,
        system=system.fingerprint,
        candidates=candidates.hash,
        wall_ms=None if disturbed else round((1 + share) * len(candidates.documents), 3),
        order=fake_ranking(system, candidates).order,
        memory=tuple((model.id, 1_000_000 * len(model.id)) for model in system.models),
        device="cpu",
        machine=machine_of(system),
    )


def fake_ranking(system: System, candidates: CandidateList) -> Ranking:
    """The order that this engine gives."""
    order = candidates.ids if system.strategy == "first-stage" else _shuffled(system.fingerprint, candidates.ids)
    return Ranking(
        system=system.fingerprint,
        candidates=candidates.hash,
        order=order,
        scores=tuple(float(len(order) - place) for place in range(len(order))),
        logical=LogicalCost(calls=len(order), prompt_tokens=10 * len(order), depth=1),
        executed=ExecutedCost(seconds=0.01 * len(order), calls=len(order)),
        machine=machine_of(system),
    )


def _shuffled(salt: str, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=lambda id: hashlib.sha256(f"{salt}|{id}".encode()).digest()))


def _retrieved(work: RetrieveWork, query: Query) -> Retrieved:
    wanted = set(query.text.lower().split())
    documents = tuple(CollectionFile(work.path).all_documents())
    scores = {document.id: len(wanted & set(document.content.lower().split())) for document in documents}
    best: list[Document] = sorted(documents, key=lambda document: (-scores[document.id], document.id))
    kept = [document for document in best if scores[document.id] > 0][: work.depth]
    made = CandidateList(
        query=query,
        documents=tuple(kept),
        collection=work.collection,
        first_stage=f"bm25 top {work.depth}",
        first_stage_scores=tuple(float(scores[document.id]) for document in kept),
    )
    return Retrieved(job=work.job, candidates=made)
