"""Generators, the requests of theirs that wait for models, and the running of one batch of them.

The scheduler has one lane for all rankings; a latency probe has one of its own, so that nothing of others is in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from core.domain.documents import CandidateList
from core.domain.errors import CancelledError
from core.domain.models import ModelEntry
from core.domain.systems import System
from core.models.base import Adapter
from core.strategies.base import Strategy
from core.worker.batches import BatchRunner
from core.worker.budget import Budgets
from core.worker.driver import Answers, Driver, Taker
from core.worker.faults import Fault
from core.worker.loading import Loader
from core.worker.pool import Pending, Pool, cut_batch
from core.worker.pulse import Pulse
from core.worker.task import Ticket

log = logging.getLogger(__name__)

PREPARE_S = 0.05  # how long generators are driven before messages are read again

Admit = Callable[[int], tuple[Ticket, System, CandidateList] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machinery:
    """What all lanes share. ``flagged``: jobs to be cancelled; ``poisoned``: keys that are refused, with the reason.

    ``announce``: keys of what begins and might kill the process, () when it is over.
    """

    build: Callable[[System], Strategy]
    loader: Loader
    budgets: Budgets
    runner: BatchRunner
    pulse: Pulse
    clock: Callable[[], float]
    announce: Callable[[tuple[str, ...]], None]
    machine: Callable[[tuple[ModelEntry, ...]], str]
    flagged: Collection[str]
    poisoned: Mapping[str, str]


class Lane:
    """Model thread only."""

    def __init__(self, shared: Machinery, cache: Answers, taker: Taker, suspects: Iterable[str]) -> None:
        """``suspects``: keys that run alone, see core.engine.messages.Configure."""
        self._shared, self._cache = shared, cache
        self.pool = Pool(suspects)
        self.driver = Driver(
            build=shared.build,
            cache=cache,
            pool=self.pool,
            poisoned=shared.poisoned,
            machine=shared.machine,
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

    def run_batch(self, window: list[Pending]) -> None:
        """Answer the most deserving requests of ``window`` (from ``pool.choose``), or fail all of its model."""
        model = window[0].model
        self._shared.pulse.doing(f"load:{model.id}")
        adapter = self._shared.loader.adapter(model, partial(self._note, model))
        if isinstance(adapter, Fault):
            self._settle(self.pool.of_model(model), adapter)
            return
        limit = self._shared.budgets.limit(window[0].group, adapter.batch_tokens)
        batch = cut_batch(window, limit, adapter.weight)
        keys = tuple(pending.key for pending in batch)
        self._shared.pulse.doing(keys[0] if len(keys) == 1 else "batch")
        self._shared.announce(keys)
        try:
            self._answer(adapter, batch)
        except CancelledError:
            log.info("A batch of %d requests was cancelled.", len(batch))
        finally:
            self._shared.announce(())
        self._shared.loader.look()

    def _answer(self, adapter: Adapter, batch: list[Pending]) -> None:
        jobs = {ticket.progress.job for p in batch for task, _ in p.askers for ticket in task.beneficiaries()}

        def cancelled() -> bool:
            self._shared.pulse.alive()
            return all(job in self._shared.flagged for job in jobs)

        executed = self._shared.runner.run(adapter, batch, cancelled)
        self._cache.put(executed.answers(batch))
        self.pool.take(batch)
        for pending, result, seconds in zip(batch, executed.results, executed.seconds, strict=True):
            tickets = _tickets(pending)
            for ticket in tickets:
                ticket.progress.served_s += seconds / len(tickets)
            self.driver.deliver(pending, result, seconds)
            for ticket in tickets:
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
