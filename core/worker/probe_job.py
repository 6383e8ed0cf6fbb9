"""One latency probe: which list is next, how often it was tried, and what is told of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from core.domain.documents import CandidateList
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.domain.work import Event, Priority, Probed, ProbeWork, RankFailed
from core.worker.progress import JobProgress

Memory = tuple[tuple[str, int], ...]


class ProbeJob:
    """System by system, list by list. ``warm_ups``: lists to rank before the next one counts; ``attempt``: from 1.

    The lists that warm up are the last ones, so that the first to be measured is not the one just seen.
    """

    def __init__(self, work: ProbeWork, tell: Callable[[Event], None], clock: Callable[[], float]) -> None:
        self.work, self._tell = work, tell
        self.progress = JobProgress(work.job, Priority.BACKGROUND, tell, clock)
        done = set(work.done)
        pairs = ((s, i) for s in range(len(work.systems)) for i in range(len(work.lists)))
        self._waiting = deque(pair for pair in pairs if pair not in done)
        for index, _ in self._waiting:
            self.progress.expect(work.systems[index].spec, 1)
        self.warm_ups = work.warm_up
        self.attempt = 1

    @property
    def over(self) -> bool:
        """Whether nothing is left to be measured."""
        return not self._waiting

    @property
    def system(self) -> System:
        """Whose turn it is."""
        return self.work.systems[self._waiting[0][0]]

    @property
    def candidates(self) -> CandidateList:
        """What it ranks next: a list that warms up, or the one that is to be measured."""
        lists = self.work.lists
        return lists[-self.warm_ups % len(lists)] if self.warm_ups else lists[self._waiting[0][1]]

    @property
    def last_attempt(self) -> bool:
        """Whether a disturbance now means that the list has no latency."""
        return self.attempt >= self.work.attempts

    def again(self) -> None:
        """The sample was disturbed: the list is to be ranked once more."""
        self.attempt += 1

    def warmed(self) -> None:
        """A list that does not count is ranked."""
        self.warm_ups -= 1

    def cooled(self) -> None:
        """A model had to be loaded again: one more list does not count."""
        self.warm_ups = max(self.warm_ups, min(1, self.work.warm_up))

    def measured(self, wall_ms: float | None, ranking: Ranking, memory: Memory, device: str) -> None:
        """The list has its latency, or will never have one."""
        system, index = self.system, self._waiting[0][0]
        probed = Probed(
            job=self.work.job,
            system=system.fingerprint,
            candidates=ranking.candidates,
            wall_ms=wall_ms,
            order=ranking.order,
            memory=memory,
            device=device,
            machine=ranking.machine,
        )
        self._tell(probed)
        self.progress.advance(system.spec)
        self._leave(1)
        queries = len(self.work.lists)
        done = queries - sum(other == index for other, _ in self._waiting)
        self.progress.tell(f"latency of {system.spec}: {done} of {queries} queries")

    def failed(self, message: str) -> None:
        """The system cannot be measured; the others go on."""
        system, index = self.system, self._waiting[0][0]
        left = sum(other == index for other, _ in self._waiting)
        fingerprint, candidates = system.fingerprint, self.candidates.hash
        self._tell(RankFailed(job=self.work.job, system=fingerprint, candidates=candidates, message=message))
        self.progress.correct(system.spec, left, 0)
        self._leave(left)
        self.progress.tell(f"latency of {system.spec}: not measured", now=True)

    def _leave(self, pairs: int) -> None:
        """Go on behind the next ``pairs``; the first list of another system is preceded by warm-ups."""
        before = self._waiting[0][0]
        for _ in range(pairs):
            self._waiting.popleft()
        self.attempt = 1
        if self._waiting and self._waiting[0][0] != before:
            self.warm_ups = self.work.warm_up
