"""What other threads want of the batch that runs: jobs to be given up, and people who have come.

The router notes both as soon as it reads them; whoever runs a batch asks in every layer of the forward pass. Single
additions and removals of a set need no lock.
"""

from __future__ import annotations

from collections.abc import Collection

from core.domain.work import CheckWork, Priority, RankWork, RetrieveWork, TraceWork, Work


class Interrupts:
    """``flag`` and ``arrived`` by any thread; ``take`` and ``forget`` by the model thread only."""

    def __init__(self) -> None:
        self._flagged: set[str] = set()
        self._people: set[str] = set()
        self._checks: set[str] = set()

    def flag(self, job: str) -> None:
        """The job is to be given up."""
        self._flagged.add(job)

    def flagged(self, job: str) -> bool:
        """Whether the job is to be given up."""
        return job in self._flagged

    def forget(self, job: str) -> None:
        """The job is given up, or was never here."""
        self._flagged.discard(job)

    def arrived(self, work: Work) -> None:
        """Work is on its way to the scheduler; that of a person interrupts what runs in the background."""
        if isinstance(work, CheckWork):
            self._checks.add(work.job)
        elif isinstance(work, RankWork | TraceWork | RetrieveWork) and work.priority == Priority.INTERACTIVE:
            self._people.add(work.job)

    def take(self, job: str) -> None:
        """The scheduler has the work: from now on priorities say whose turn it is."""
        self._people.discard(job)
        self._checks.discard(job)

    def somebody_waits(self) -> bool:
        """Whether a person's work has arrived that the scheduler has not yet taken."""
        return bool(self._people or self._checks)

    def ranking_waits(self) -> bool:
        """The same without checks of models, for which a latency probe is not disturbed."""
        return bool(self._people)

    def stops(self, jobs: Collection[str], urgency: Priority, somebody: bool) -> bool:
        """Whether a batch must stop: nobody wants it any longer, or it can wait while ``somebody`` cannot."""
        return (somebody and urgency == Priority.BACKGROUND) or all(job in self._flagged for job in jobs)
