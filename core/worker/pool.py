"""Requests that wait for a model: equal ones once, and the choice of the next batch.

The choice: the most urgent job first, among equals the one served least so far; its oldest request
names model and kind. Requests of that model, kind and urgency, from all jobs, are sorted by weight and
cut into batches, and the batch that holds the first request is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from core.domain.models import ModelEntry
from core.domain.requests import Request
from core.domain.work import Priority
from core.worker.residency import model_key
from core.worker.task import Task

WINDOW = 512  # requests looked at for one batch: enough to sort well, few enough to weigh quickly

Group = tuple[str, str]  # model key, kind of request


@dataclass(slots=True, eq=False)
class Pending:
    """One request and everybody who asked it, as task and index. ``alone``: suspected of killing the process."""

    key: str
    request: Request
    model: ModelEntry
    group: Group
    number: int
    alone: bool = False
    weight: int | None = None
    askers: list[tuple[Task, int]] = field(default_factory=list)


class Pool:
    """All requests that wait, over all jobs."""

    def __init__(self, suspects: Iterable[str] = ()) -> None:
        self._suspects = set(suspects)
        self._pending: dict[str, Pending] = {}
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, key: str, request: Request, model: ModelEntry, asker: tuple[Task, int]) -> None:
        """Ask; an equal request that waits already gets one asker more."""
        pending = self._pending.get(key)
        if pending is None:
            group = (model_key(model), type(request).__name__)
            pending = Pending(key, request, model, group, next(self._numbers), alone=key in self._suspects)
            self._pending[key] = pending
        pending.askers.append(asker)

    def take(self, batch: Iterable[Pending]) -> None:
        """These are settled."""
        for pending in batch:
            self._pending.pop(pending.key, None)

    def drop(self, task: Task) -> None:
        """The task no longer wants answers."""
        for pending in list(self._pending.values()):
            if any(asker is task for asker, _ in pending.askers):
                pending.askers = [(asker, index) for asker, index in pending.askers if asker is not task]
                if not pending.askers:
                    del self._pending[pending.key]

    def of_model(self, model: ModelEntry) -> list[Pending]:
        """Everything that waits for one model."""
        key = model_key(model)
        return [pending for pending in self._pending.values() if pending.group[0] == key]

    def clear(self, batch: Iterable[Pending]) -> None:
        """These ran alone and the process lives: they are suspected no longer."""
        self._suspects.difference_update(pending.key for pending in batch)

    def pardon(self) -> None:
        """Nothing is suspected any longer."""
        self._suspects.clear()

    def choose(self) -> list[Pending]:
        """The candidates for the next batch, most deserving first; one where it must run alone."""
        standing: dict[int, tuple[int, float]] = {}

        def rank(pending: Pending) -> tuple[int, float, int]:
            return (*min(_standing(task, standing) for task, _ in pending.askers), pending.number)

        ranked = sorted((rank(pending), pending) for pending in self._pending.values())
        if not ranked:
            return []
        (urgency, _, _), anchor = ranked[0]
        if anchor.alone:
            return [anchor]
        fitting = (p for (u, _, _), p in ranked if p.group == anchor.group and u == urgency and not p.alone)
        return [pending for pending, _ in zip(fitting, range(WINDOW), strict=False)]


def urgency_of(window: list[Pending]) -> Priority | None:
    """The priority of a window; None where nothing waits."""
    return min((task.priority for task, _ in window[0].askers), default=None) if window else None


def cut_batch(window: list[Pending], limit: int, weigh: Callable[[Request], int]) -> list[Pending]:
    """The batch of at most ``limit`` weight that holds the first of ``window``, neighbours of like weight."""
    anchor = window[0]
    for pending in window:
        if pending.weight is None:
            pending.weight = max(1, int(weigh(pending.request)))
    batch: list[Pending] = []
    total = 0
    for pending in sorted(window, key=lambda pending: (-(pending.weight or 1), pending.number)):
        weight = pending.weight or 1
        if batch and total + weight > limit:
            if anchor in batch:
                break
            batch, total = [], 0
        batch.append(pending)
        total += weight
    return batch


def _standing(task: Task, memo: dict[int, tuple[int, float]]) -> tuple[int, float]:
    """(urgency, seconds served) of the most deserving job behind a task."""
    if id(task) not in memo:
        memo[id(task)] = min(
            ((int(t.progress.priority), t.progress.served_s) for t in task.beneficiaries()), default=(99, 0.0)
        )
    return memo[id(task)]
