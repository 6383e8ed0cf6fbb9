"""An engine without a process: answers at once on the caller's thread, or when it is told to.

Systems order documents by a digest of system and document, so that orders differ and repeat; the baseline
``first-stage`` keeps the first-stage order. Retrieval counts shared words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from core.datasets.collection_file import CollectionFile
from core.domain.documents import CandidateList, Document, Query
from core.domain.ports import Listener
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.systems import System
from core.domain.work import (
    CheckWork,
    Ended,
    EngineStatus,
    FetchWork,
    Progress,
    Ranked,
    RankFailed,
    RankWork,
    Retrieved,
    RetrieveWork,
    Work,
)


class FakeEngine:
    """Implements domain.ports.Engine.

    ``held``: rank work waits for ``release`` (or ``cancel``). ``failing``: strategies whose systems fail, with
    the reason.
    """

    def __init__(self, *, held: bool = False, failing: dict[str, str] | None = None) -> None:
        self.held = held
        self.failing = failing or {}
        self.works: list[Work] = []
        self._waiting: dict[str, tuple[Work, Listener]] = {}
        self.closed = False

    def submit(self, work: Work, listener: Listener) -> None:
        self.works.append(work)
        if self.held and isinstance(work, RankWork | FetchWork):
            self._waiting[work.job] = (work, listener)
            return
        self._do(work, listener)

    def release(self) -> None:
        """Do everything that waits."""
        waiting, self._waiting = self._waiting, {}
        for work, listener in waiting.values():
            self._do(work, listener)

    def step(self, job: str, rankings: int) -> None:
        """Deliver the first ``rankings`` of a held job without ending it."""
        work, listener = self._waiting[job]
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
        return EngineStatus(state="ready", device="cpu", machine="fake", resident=())

    def close(self) -> None:
        self.closed = True

    def _do(self, work: Work, listener: Listener) -> None:
        if isinstance(work, RankWork):
            for system, candidates in work.tasks:
                self._rank(work, work.systems[system], work.lists[candidates], listener)
        elif isinstance(work, RetrieveWork):
            for query in work.queries:
                listener(_retrieved(work, query))
        elif isinstance(work, FetchWork | CheckWork):
            listener(Progress(job=work.job, done=1, total=1, note="done"))
        listener(Ended(job=work.job))

    def _rank(self, work: RankWork, system: System, candidates: CandidateList, listener: Listener) -> None:
        if system.strategy in self.failing:
            reason = self.failing[system.strategy]
            listener(RankFailed(job=work.job, system=system.fingerprint, candidates=candidates.hash, message=reason))
            return
        listener(Ranked(job=work.job, ranking=fake_ranking(system, candidates)))


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
        machine="fake",
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
