"""Work that arrives while a batch runs, as it does in the engine: noted at once, submitted between two steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.requests import Request
from core.domain.work import Event, Work
from core.worker.scheduler import Scheduler
from tests.support.engine_fakes import Bench, make_bench
from tests.support.small_adapter import OnBatch, SmallAdapter


def _nothing(_adapter: SmallAdapter, _requests: Sequence[Request]) -> None:
    """Hears of a batch and does nothing."""


class Arrivals:
    """``at``: the number of a batch, from 1, and the work that arrives while it runs."""

    def __init__(self, at: Mapping[int, Work], also: OnBatch = _nothing) -> None:
        self._at, self._also = at, also
        self._count = 0
        self._inbox: list[Work] = []
        self.scheduler: Scheduler | None = None

    def __call__(self, adapter: SmallAdapter, requests: Sequence[Request]) -> None:
        self._also(adapter, requests)
        self._count += 1
        if self._count in self._at:
            assert self.scheduler is not None
            self.scheduler.arrived(self._at[self._count])
            self._inbox.append(self._at[self._count])

    def run(self, bench: Bench, *works: Work) -> list[Event]:
        """Submit ``works``, then what arrives, until nothing is left to do; every event since."""
        self.scheduler = bench.scheduler
        start = len(bench.events)
        self._inbox += works
        busy = True
        while busy or self._inbox:
            while self._inbox:
                bench.scheduler.submit(self._inbox.pop(0))
            busy = bench.scheduler.step()
        return bench.events[start:]


def run_with(at: Mapping[int, Work], *works: Work) -> Bench:
    """A bench on which ``works`` ran while others arrived."""
    arrivals = Arrivals(at)
    bench = make_bench(on_batch=arrivals)
    arrivals.run(bench, *works)
    return bench
