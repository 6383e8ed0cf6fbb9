"""Generators, the requests of theirs that wait for models, and the running of one batch of them.

The scheduler has one lane for all rankings; a latency probe has one of its own, so that nothing of others is in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.requests import Examples, Generate, GenerateFused
from core.domain.systems import System
from core.domain.work import Priority
from core.models.base import ENDPOINT, Adapter
from core.strategies.base import Strategy
from core.worker.batches import BatchRunner, Executed
from core.worker.budget import Budgets
from core.worker.cutting import Cutter, Limits
from core.worker.driver import Answers, Driver, Taker
from core.worker.faults import Fault, Result
from core.worker.interrupts import Interrupts
from core.worker.loading import Loader
from core.worker.pool import Pending, Pool, urgency_of
from core.worker.pulse import Pulse
from core.worker.task import Ticket

log = logging.getLogger(__name__)

PREPARE_S = 0.05  # how long generators are driven before messages are read again
MOST_HALVINGS = 3  # of a batch that people interrupt again and again
MOST_INTERRUPTIONS = 10  # batches in a row; the next one runs to its end, else a job might never end

Admit = Callable[[int], tuple[Ticket, System, CandidateList] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machinery:
    """What all lanes share. ``poisoned``: keys that are refused, with the reason.

    ``announce``: keys of what begins and might kill the process, () when it is over, None when it was given up.
    ``examples``: judged queries of collections.
    """

    build: Callable[[System], Strategy]
    loader: Loader
    budgets: Budgets
    runner: BatchRunner
    pulse: Pulse
    clock: Callable[[], float]
    announce: Callable[[tuple[str, ...] | None], None]
    machine: Callable[[tuple[ModelEntry, ...]], str]
    examples: Callable[[Examples], Result]
    interrupts: Interrupts
    poisoned: Mapping[str, str]


class Lane:
    """Model thread only."""

    def __init__(
        self,
        shared: Machinery,
        cache: Answers,
        taker: Taker,
        suspects: Iterable[str],
        somebody_waits: Callable[[], bool],
    ) -> None:
        """``suspects``: keys that run alone, see core.engine.messages.Configure.

        ``somebody_waits``: whether work has arrived for which a batch in the background is interrupted.
        """
        self._shared, self._cache, self._somebody_waits = shared, cache, somebody_waits
        self._cutter = Cutter()
        self._interrupted = 0  # batches in a row
        self.pool = Pool(suspects)
        self.driver = Driver(
            build=shared.build,
            cache=cache,
            pool=self.pool,
            poisoned=shared.poisoned,
            machine=shared.machine,
            examples=shared.examples,
            taker=taker,
        )

    def drive(self, admit: Admit = lambda _pending: None) -> bool:
        """Drive generators and let rankings in; True when all wait for models, False when time is up."""
        until = self._shared.clock() + PREPARE_S
        while self._shared.clock() < until:
            self._shared.pulse.doing(self.driver.next_name())
            if self.driver.advance() is not None:
                continue
            admitted = admit(len(self.pool))
            if admitted is None:
                return True
            self.driver.want(*admitted)
        return False

    def run_batch(self, window: list[Pending]) -> bool:
        """Answer the most deserving requests of ``window`` (from ``pool.choose``), or fail all of its model.

        False where the batch was interrupted: what is not answered stays in the pool. Background work that people
        interrupt again and again is given smaller batches, so that it comes to an end between two of them, and at last
        one that only cancelling stops.
        """
        model = window[0].model
        self._shared.pulse.doing(f"load:{model.id}")
        adapter = self._shared.loader.adapter(model, partial(self._note, model))
        if isinstance(adapter, Fault):
            self._settle(self.pool.of_model(model), adapter)
            return True
        urgency = urgency_of(window) or Priority.INTERACTIVE
        batch = self._cutter.cut(adapter, window, self._limits(adapter, window[0], urgency))
        keys = tuple(pending.key for pending in batch)
        self._shared.pulse.doing(keys[0] if len(keys) == 1 else "batch")
        self._shared.announce(keys)
        finished = True
        try:
            finished = self._answer(adapter, batch, urgency)
        finally:
            self._shared.announce(() if finished else None)
        if urgency == Priority.BACKGROUND:
            self._interrupted = 0 if finished else self._interrupted + 1
        self._shared.loader.look()
        return finished

    def _limits(self, adapter: Adapter, anchor: Pending, urgency: Priority) -> Limits:
        budgets, group = self._shared.budgets, anchor.group
        halvings = min(self._interrupted, MOST_HALVINGS) if urgency == Priority.BACKGROUND else 0
        if isinstance(anchor.request, Generate | GenerateFused) or adapter.execution == ENDPOINT:
            plain = shared = budgets.whole(group, adapter.batch_tokens)
        else:
            plain = budgets.limit(group, adapter.batch_tokens)
            shared = budgets.shared_limit(group, adapter.batch_tokens, urgency)
        return Limits(plain=max(1, plain >> halvings), shared=max(1, shared >> halvings))

    def forget(self) -> None:
        """Arrange and size batches anew for what is asked next, for a time that is that of a first list."""
        self._cutter.forget()
        self._interrupted = 0

    def _answer(self, adapter: Adapter, batch: list[Pending], urgency: Priority) -> bool:
        jobs = {ticket.progress.job for p in batch for task, _ in p.askers for ticket in task.beneficiaries()}
        gives_way = self._interrupted < MOST_INTERRUPTIONS

        def stops() -> bool:
            self._shared.pulse.alive()
            return self._shared.interrupts.stops(jobs, urgency, gives_way and self._somebody_waits())

        executed = self._shared.runner.run(adapter, batch, stops)
        self._cache.put(executed.answers())
        self.pool.take(executed.settled)
        self._hand_out(executed)
        if executed.interrupted:
            log.info("A batch was interrupted with %d of %d requests answered.", len(executed.settled), len(batch))
        return not executed.interrupted

    def _hand_out(self, executed: Executed) -> None:
        served: dict[int, Ticket] = {}
        for pending, result, seconds in zip(executed.settled, executed.results, executed.seconds, strict=True):
            tickets = _tickets(pending)
            for ticket in tickets:
                ticket.progress.served_s += seconds / len(tickets)
            self.driver.deliver(pending, result, seconds)
            served |= {id(ticket.progress): ticket for ticket in tickets}
        for ticket in served.values():
            ticket.progress.tell(ticket.progress.calls_note(ticket.label))

    def _settle(self, batch: list[Pending], fault: Fault) -> None:
        self.pool.take(batch)
        for pending in batch:
            self.driver.deliver(pending, fault, 0.0)

    def _note(self, model: ModelEntry, text: str) -> None:
        """Tell everybody who waits for the model what is going on."""
        waiting = {t.progress.job: t.progress for pending in self.pool.of_model(model) for t in _tickets(pending)}
        for progress in waiting.values():
            progress.tell(text, now=True)


def _tickets(pending: Pending) -> list[Ticket]:
    return [ticket for task, _ in pending.askers for ticket in task.beneficiaries()]
