"""First-stage jobs, advanced in small slices between batches so that nobody waits long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.documents import CandidateList, Query
from core.domain.errors import InvalidInputError
from core.domain.work import Ended, Event, Priority, Retrieved, RetrieveWork
from core.worker.faults import fault_of
from core.worker.progress import JobProgress

SLICE_S = 0.2
METHODS = ("bm25",)

Retrieve = Callable[[Path, str, Sequence[Query], int, Path], Iterator[CandidateList]]


@dataclass(slots=True, eq=False)
class _Retrieval:
    work: RetrieveWork
    progress: JobProgress
    lists: Iterator[CandidateList] | None = None


class FirstStages:
    """The running retrievals; model thread only."""

    def __init__(
        self,
        *,
        retrieve: Retrieve,
        cache_dir: Path,
        poisoned: Mapping[str, str],
        tell: Callable[[Event], None],
        announce: Callable[[tuple[str, ...]], None],
        clock: Callable[[], float],
    ) -> None:
        """``announce``: keys of what begins and might kill the process, () when it is over."""
        self._retrieve, self._cache_dir, self._poisoned = retrieve, cache_dir, poisoned
        self._tell, self._announce, self._clock = tell, announce, clock
        self._running: dict[str, _Retrieval] = {}

    def submit(self, work: RetrieveWork) -> None:
        """Begin a first stage; an unknown method or a poisoned one ends at once."""
        if work.method not in METHODS:
            error = InvalidInputError(f"Unknown first stage {work.method!r}. Known: {', '.join(METHODS)}.")
            self._tell(Ended(job=work.job, error=str(error)))
            return
        if reason := self._poisoned.get(_key(work)):
            self._tell(Ended(job=work.job, error=f"First stage of {work.path.name}: {reason}"))
            return
        progress = JobProgress(work.job, work.priority, self._tell, self._clock)
        progress.expect(work.method, len(work.queries))
        self._running[work.job] = _Retrieval(work=work, progress=progress)

    def cancel(self, job: str) -> bool:
        """Give up a retrieval; whether there was one."""
        return self._running.pop(job, None) is not None

    def urgency(self) -> Priority | None:
        """The priority of the most urgent retrieval."""
        return min((retrieval.work.priority for retrieval in self._running.values()), default=None)

    def step(self, cancelled: Callable[[str], bool]) -> str:
        """A slice of the most urgent retrieval; its name."""
        retrieval = min(self._running.values(), key=lambda retrieval: retrieval.work.priority)
        self._announce((_key(retrieval.work),))
        try:
            self._slice(retrieval, cancelled)
        except Exception as error:  # noqa: BLE001  (index libraries and damaged files may raise anything; it ends this job only)
            self._end(retrieval, fault_of(error, f"retrieving from {retrieval.work.path.name}").message)
        finally:
            self._announce(())
        return _key(retrieval.work)

    def _slice(self, retrieval: _Retrieval, cancelled: Callable[[str], bool]) -> None:
        work = retrieval.work
        until = self._clock() + SLICE_S
        if retrieval.lists is None:
            retrieval.progress.tell("preparing the index", now=True)
            retrieval.lists = iter(
                self._retrieve(work.path, work.collection, work.queries, work.depth, self._cache_dir)
            )
        for candidates in retrieval.lists:
            self._tell(Retrieved(job=work.job, candidates=candidates))
            retrieval.progress.advance(work.method)
            retrieval.progress.tell(f"{work.method}: {candidates.query.id}")
            if self._clock() >= until or cancelled(work.job):
                return
        self._end(retrieval, "")

    def _end(self, retrieval: _Retrieval, error: str) -> None:
        self._running.pop(retrieval.work.job, None)
        retrieval.progress.tell("done" if not error else "failed", now=True)
        self._tell(Ended(job=retrieval.work.job, error=error))


def _key(work: RetrieveWork) -> str:
    return f"retrieve:{work.collection}:{work.method}"
