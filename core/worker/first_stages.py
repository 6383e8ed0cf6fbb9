"""First-stage jobs, advanced in small slices between batches so that nobody waits long."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from core.domain.documents import CandidateList
from core.domain.errors import CancelledError, InvalidInputError
from core.domain.work import Ended, Event, Priority, Progress, Retrieved, RetrieveWork
from core.retrieval.step import Step, Wanted
from core.worker.encoding import Encoder
from core.worker.faults import fault_of
from core.worker.lane import Machinery
from core.worker.progress import EVERY_S, JobProgress

SLICE_S = 0.2
METHODS = ("bm25", "dense", "hybrid")

Found = Generator[Step | Wanted | CandidateList, None, None]
Retrieve = Callable[[RetrieveWork, Path], Found]


@dataclass(slots=True, eq=False)
class _Retrieval:
    work: RetrieveWork
    progress: JobProgress
    found: Found | None = None
    wanted: Wanted | None = None
    told_at: float = float("-inf")


class FirstStages:
    """The running retrievals; model thread only."""

    def __init__(self, shared: Machinery, retrieve: Retrieve, cache_dir: Path, tell: Callable[[Event], None]) -> None:
        self._retrieve, self._encoder, self._cache_dir = retrieve, Encoder(shared), cache_dir
        self._poisoned, self._interrupts = shared.poisoned, shared.interrupts
        self._tell, self._announce, self._clock = tell, shared.announce, shared.clock
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
        """Give up a retrieval; whether there was one. Vectors that are computed stay on disk."""
        retrieval = self._running.pop(job, None)
        if retrieval is not None and retrieval.found is not None:
            retrieval.found.close()
        return retrieval is not None

    def urgency(self) -> Priority | None:
        """The priority of the most urgent retrieval."""
        return min((retrieval.work.priority for retrieval in self._running.values()), default=None)

    def step(self) -> str:
        """A slice of the most urgent retrieval; its name."""
        retrieval = min(self._running.values(), key=lambda retrieval: retrieval.work.priority)
        jobs = (retrieval.work.job,)

        def stops() -> bool:
            return self._interrupts.stops(jobs, retrieval.work.priority, self._interrupts.somebody_waits())

        self._announce((_key(retrieval.work),))
        over: tuple[str, ...] | None = ()
        try:
            self._slice(retrieval, stops)
        except CancelledError:
            over = None  # the message that ends the job is on its way, or the texts of the batch are embedded later
        except Exception as error:  # noqa: BLE001  (index libraries and damaged files may raise anything; it ends this job only)
            self._end(retrieval, fault_of(error, f"retrieving from {retrieval.work.path.name}").message)
        finally:
            self._announce(over)
        return _key(retrieval.work)

    def _slice(self, retrieval: _Retrieval, cancelled: Callable[[], bool]) -> None:
        until = self._clock() + SLICE_S
        if retrieval.found is None:
            retrieval.progress.tell("preparing the index", now=True)
            retrieval.found = self._retrieve(retrieval.work, self._cache_dir)
        while True:
            if retrieval.wanted is not None:
                self._fill(retrieval, retrieval.wanted, cancelled)
            else:
                item = next(retrieval.found, None)
                if item is None:
                    self._end(retrieval, "")
                    return
                self._take(retrieval, item)
            if self._clock() >= until or cancelled():
                return

    def _take(self, retrieval: _Retrieval, item: Step | Wanted | CandidateList) -> None:
        work = retrieval.work
        if isinstance(item, CandidateList):
            self._tell(Retrieved(job=work.job, candidates=item))
            retrieval.progress.advance(work.method)
            retrieval.progress.tell(f"{work.method}: {item.query.id}")
        elif isinstance(item, Step):
            self._say(retrieval, item)
        elif not item.complete:
            retrieval.wanted = item

    def _fill(self, retrieval: _Retrieval, wanted: Wanted, cancelled: Callable[[], bool]) -> None:
        """One batch of vectors, unless another retrieval that waits for the same has had the last of them."""
        model = retrieval.work.model
        if model is None:
            raise InvalidInputError(f"A {retrieval.work.method} first stage needs an embedding model.")
        if not wanted.complete:
            self._encoder.fill(
                wanted,
                model,
                note=lambda text: retrieval.progress.tell(text, now=True),
                begin=lambda: self._announce((_key(retrieval.work),)),
                cancelled=cancelled,
            )
            self._say(retrieval, wanted.progress)
        if wanted.complete:
            retrieval.wanted = None

    def _say(self, retrieval: _Retrieval, step: Step) -> None:
        """Progress of the index in its own unit, at most four times a second."""
        now = self._clock()
        if now - retrieval.told_at >= EVERY_S:
            retrieval.told_at = now
            note = f"{step.note}: {step.done:,} of {step.total:,}" if step.total else step.note
            self._tell(Progress(job=retrieval.work.job, done=step.done, total=step.total, note=note))

    def _end(self, retrieval: _Retrieval, error: str) -> None:
        self._running.pop(retrieval.work.job, None)
        retrieval.progress.tell("done" if not error else "failed", now=True)
        self._tell(Ended(job=retrieval.work.job, error=error))


def _key(work: RetrieveWork) -> str:
    return f"retrieve:{work.collection}:{work.method}"
