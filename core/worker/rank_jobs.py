"""Jobs of rankings: what of them is let in, what is told of them, when they are over."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.domain.documents import CandidateList
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.domain.work import Ended, Event, Priority, Ranked, RankFailed, RankWork, Traced, TraceWork
from core.strategies.base import Strategy
from core.strategies.forecasts import total_calls
from core.worker.admission import RankJob, admit, in_order
from core.worker.progress import JobProgress
from core.worker.task import Ticket
from core.worker.tracing import Recording

log = logging.getLogger(__name__)


class RankJobs:
    """The running rank jobs; takes results from the driver. Model thread only."""

    def __init__(
        self, build: Callable[[System], Strategy], tell: Callable[[Event], None], clock: Callable[[], float]
    ) -> None:
        self._build, self._tell, self._clock = build, tell, clock
        self._jobs: dict[str, RankJob] = {}

    def submit(self, asked: RankWork | TraceWork) -> None:
        """Enter a job; one without rankings to make ends at once."""
        work = asked if isinstance(asked, RankWork) else _alone(asked)
        progress = JobProgress(work.job, work.priority, self._tell, self._clock)
        peers = [job.progress.served_s for job in self._jobs.values() if job.work.priority == work.priority]
        progress.served_s = min(peers, default=0.0)  # a newcomer does not overtake for what others had before
        waiting, tied = in_order(work)
        recording = Recording(work.job) if isinstance(asked, TraceWork) else None
        job = RankJob(work=work, progress=progress, waiting=waiting, tied=tied, recording=recording)
        for system_index, list_index in work.tasks:
            system = work.systems[system_index]
            size = (system.fingerprint, len(work.lists[list_index].documents))
            if size not in job.forecasts:
                job.forecasts[size] = self._forecast(system, size[1])
            progress.expect(system.spec, job.forecasts[size])
        self._jobs[work.job] = job
        progress.tell("starting", now=True)
        self._end_if_over(job)

    def cancel(self, job: str) -> bool:
        """Strike a job out; whether it was here."""
        return self._jobs.pop(job, None) is not None

    def urgency(self) -> Priority | None:
        """The priority of the most urgent job; every job here has something to do."""
        return min((job.work.priority for job in self._jobs.values()), default=None)

    def admissible(self, pending: int) -> Priority | None:
        """The priority of the ranking that ``next`` would let in."""
        job = admit(self._jobs.values(), pending)
        return None if job is None else job.work.priority

    def next(self, pending: int) -> tuple[Ticket, System, CandidateList] | None:
        """The next ranking to be let in, where there is room; ``pending``: requests that wait for models."""
        job = admit(self._jobs.values(), pending)
        if job is None:
            return None
        system_index, list_index = job.waiting.popleft()
        system, candidates = job.work.systems[system_index], job.work.lists[list_index]
        documents = len(candidates.documents)
        job.open += 1
        job.documents += documents
        forecast = job.forecasts[(system.fingerprint, documents)]
        ticket = Ticket(progress=job.progress, label=system.spec, forecast=forecast, documents=documents)
        ticket.record = job.recording.run(system, candidates) if job.recording else None
        return ticket, system, candidates

    def ranked(self, ticket: Ticket, ranking: Ranking) -> None:
        """Driver: a ranking is finished."""
        job = self._jobs.get(ticket.progress.job)
        if job is not None:
            if ticket.record:
                self._tell(Traced(job=job.work.job, trace=ticket.record.trace(ranking)))
            else:
                self._tell(Ranked(job=job.work.job, ranking=ranking))
            self._close(job, ticket)

    def failed(self, ticket: Ticket, system: str, candidates: str, message: str) -> None:
        """Driver: there will be no ranking."""
        job = self._jobs.get(ticket.progress.job)
        if job is not None:
            self._tell(RankFailed(job=job.work.job, system=system, candidates=candidates, message=message))
            self._close(job, ticket)

    def _close(self, job: RankJob, ticket: Ticket) -> None:
        job.open -= 1
        job.documents -= ticket.documents
        job.progress.correct(ticket.label, ticket.forecast, ticket.done)
        job.progress.tell(job.progress.calls_note(ticket.label))
        self._end_if_over(job)

    def _end_if_over(self, job: RankJob) -> None:
        if job.over:
            del self._jobs[job.work.job]
            job.progress.tell("done", now=True)
            self._tell(Ended(job=job.work.job))

    def _forecast(self, system: System, n_docs: int) -> int:
        """Expected calls with those of the members; 0 where a strategy cannot say."""
        try:
            return total_calls(system, n_docs, self._build)
        except Exception as error:  # noqa: BLE001  (anybody's code; the same error fails the ranking with its reason)
            log.info("No forecast for %s: %s", system.spec, error)
            return 0


def _alone(work: TraceWork) -> RankWork:
    """The one ranking that is repeated for a trace."""
    return RankWork(
        job=work.job,
        systems=(work.system,),
        lists=(work.candidates,),
        tasks=((0, 0),),
        collections=work.collections,
        priority=work.priority,
    )
