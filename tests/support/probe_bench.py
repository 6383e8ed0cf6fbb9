"""A clock that only models move, and a bench with it: for tests of latency probes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.requests import Request, Score
from core.domain.work import Event, Probed
from tests.support.engine_fakes import Bench, make_bench, make_list, model_entry
from tests.support.small_adapter import SmallAdapter

SECOND, LOADING = 1.0, 100.0
ONE_BY_ONE = model_entry(batch_tokens="1")


class Clock:
    """A batch takes a second, loading takes a hundred."""

    def __init__(self) -> None:
        self.now = 0.0
        self.loaded: list[str] = []

    def __call__(self) -> float:
        return self.now

    def load(self, entry: ModelEntry) -> None:
        self.now += LOADING
        self.loaded.append(entry.id)

    def batch(self, _adapter: SmallAdapter, _requests: Sequence[Request]) -> None:
        self.now += SECOND


class Doing:
    """Does ``act`` during the batches of these numbers, from 1."""

    def __init__(self, clock: Clock, at: Sequence[int], act: Callable[[], object]) -> None:
        self.clock, self.at, self.act, self.count = clock, set(at), act, 0

    def __call__(self, adapter: SmallAdapter, requests: Sequence[Request]) -> None:
        self.clock.batch(adapter, requests)
        self.count += 1
        if self.count in self.at:
            self.act()


def bench_at(clock: Clock, **fields: object) -> Bench:
    """A bench whose time is that of ``clock``."""
    return make_bench(clock=clock, on_load=clock.load, **{"on_batch": clock.batch, **fields})  # type: ignore[arg-type]  # by name


def lists_of(n: int, size: int = 3) -> list[CandidateList]:
    """Lists with texts of their own, for the queries q0, q1 ..."""
    return [make_list([str(10 * q + i) for i in range(size)], query=f"q{q}") for q in range(n)]


def queries(bench: Bench) -> list[str]:
    """The query of every batch of scores, in order of time where there is one model."""
    return [request.query for batch in bench.batches for request in batch[:1] if isinstance(request, Score)]


def times(events: Iterable[Event]) -> list[float | None]:
    """The wall times that were told, in milliseconds."""
    return [event.wall_ms for event in events if isinstance(event, Probed)]
