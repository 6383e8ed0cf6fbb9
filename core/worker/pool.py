"""Requests that wait for a model: equal ones once, and the choice of the next batch.

The choice: the most urgent job first, among equals the one served least so far, among its rankings the one whose
request is oldest; that request names model and kind. Requests of that model, kind and urgency follow in the same
order. Rankings are sorted, not requests: there are thousands of these, and each ranking's are in order already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from operator import attrgetter, itemgetter

from core.domain.models import ModelEntry
from core.domain.requests import Request
from core.domain.work import Priority
from core.worker.residency import model_key
from core.worker.task import Task

WINDOW = 512  # requests looked at for one batch: enough to arrange well, few enough to do so quickly

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
    askers: list[tuple[Task, int]] = field(default_factory=list)


class Pool:
    """All requests that wait, over all jobs."""

    def __init__(self, suspects: Iterable[str] = ()) -> None:
        self._suspects = set(suspects)
        self._pending: dict[str, Pending] = {}
        self._asked: dict[Task, dict[Group, dict[str, Pending]]] = {}
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
        self._asked.setdefault(asker[0], {}).setdefault(pending.group, {})[key] = pending

    def take(self, batch: Iterable[Pending]) -> None:
        """These are settled."""
        for pending in batch:
            if self._pending.pop(pending.key, None) is not None:
                for task, _ in pending.askers:
                    self._strike(task, pending)

    def drop(self, task: Task) -> None:
        """The task no longer wants answers."""
        for asked in self._asked.pop(task, {}).values():
            for pending in asked.values():
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
        ranked = sorted(
            [((*_standing(task), _oldest(asked).number), task) for task, asked in self._asked.items()],
            key=itemgetter(0),
        )
        if not ranked:
            return []
        (urgency, _, _), first = ranked[0]
        anchor = _oldest(self._asked[first])
        if anchor.alone:
            return [anchor]
        peers = (task for (standing, _, _), task in ranked if standing == urgency)
        return list(islice(self._fitting(peers, anchor.group), WINDOW))

    def _fitting(self, tasks: Iterable[Task], group: Group) -> Iterator[Pending]:
        """What ``tasks`` ask of one model and kind, once each, without suspects."""
        seen: set[str] = set()
        for task in tasks:
            for key, pending in self._asked[task].get(group, {}).items():
                if not pending.alone and key not in seen:
                    seen.add(key)
                    yield pending

    def _strike(self, task: Task, pending: Pending) -> None:
        groups = self._asked.get(task, {})
        asked = groups.get(pending.group, {})
        asked.pop(pending.key, None)
        if not asked:
            groups.pop(pending.group, None)
        if not groups:
            self._asked.pop(task, None)


def urgency_of(window: list[Pending]) -> Priority | None:
    """The priority of a window; None where nothing waits."""
    return min((task.priority for task, _ in window[0].askers), default=None) if window else None


def _oldest(asked: dict[Group, dict[str, Pending]]) -> Pending:
    """What a task asked first of what it still waits for."""
    firsts = [next(iter(of_group.values())) for of_group in asked.values()]
    return firsts[0] if len(firsts) == 1 else min(firsts, key=attrgetter("number"))


def _standing(task: Task) -> tuple[int, float]:
    """(urgency, seconds served) of the most deserving job behind a task."""
    if len(task.tickets) == 1 and not task.parents:  # nearly all
        progress = task.tickets[0].progress
        return progress.priority, progress.served_s
    return min(((t.progress.priority, t.progress.served_s) for t in task.beneficiaries()), default=(99, 0.0))
