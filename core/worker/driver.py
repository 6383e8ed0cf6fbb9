"""Drives the generators: collects what they ask, hands them answers, passes results up to those who wait.

A ``Rank`` request becomes a task of the member system, shared by all who ask for the same system and list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError, InvalidInputError
from core.domain.models import ModelEntry
from core.domain.rankings import ExecutedCost, Ranking, kept_reasoning
from core.domain.requests import OF_THE_ENGINE, Answer, Cut, Examples, ExamplesAnswer, Rank, RankAnswer, Request, Usage
from core.domain.systems import System
from core.domain.work import Priority
from core.strategies.base import Outcome, Strategy
from core.strategies.driver import is_call
from core.worker.cuts import personal
from core.worker.faults import Fault, Result, fault_of
from core.worker.keys import request_key
from core.worker.pool import Pending, Pool
from core.worker.task import Task, TaskKey, Ticket, task_key
from core.worker.tracing import RunRecord
from core.worker.validation import check_answer, check_outcome


class Taker(Protocol):
    """Who is told of finished rankings."""

    def ranked(self, ticket: Ticket, ranking: Ranking) -> None:
        """A ranking for a ticket."""
        ...

    def failed(self, ticket: Ticket, system: str, candidates: str, message: str) -> None:
        """No ranking for a ticket; fingerprint, list hash and reason."""
        ...


class Answers(Protocol):
    """Answers that are known already, by request key."""

    def get(self, keys: Sequence[str]) -> dict[str, Answer]:
        """What is known of ``keys``."""
        ...

    def put(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Keep answers of one batch."""
        ...


class Driver:
    """All running tasks; model thread only."""

    def __init__(
        self,
        *,
        build: Callable[[System], Strategy],
        cache: Answers,
        pool: Pool,
        poisoned: Mapping[str, str],
        machine: Callable[[tuple[ModelEntry, ...]], str],
        examples: Callable[[Examples], Result],
        taker: Taker,
    ) -> None:
        self._build, self._cache, self._pool = build, cache, pool
        self._poisoned, self._machine, self._examples, self._taker = poisoned, machine, examples, taker
        self._tasks: dict[TaskKey, Task] = {}
        self._ready: dict[Priority, deque[Task]] = {priority: deque() for priority in Priority}

    def want(self, ticket: Ticket, system: System, candidates: CandidateList) -> None:
        """Start the task of ``system`` and ``candidates``, or join it."""
        task = self._find_or_start(system, candidates, ticket.record)
        task.tickets.append(ticket)
        _count([ticket], task.account.calls)

    def urgency(self) -> Priority | None:
        """The priority of the most urgent task that can go on now."""
        return next((priority for priority in sorted(self._ready) if self._ready[priority]), None)

    def advance(self) -> str | None:
        """One step of the most urgent task that can go on; its name, or None where all wait for models."""
        urgency = self.urgency()
        if urgency is None:
            return None
        task = self._ready[urgency].popleft()
        if self._tasks.get(task.key) is task:  # not dropped meanwhile
            self._step(task)
        return task.name

    def next_name(self) -> str:
        """The name of the task that ``advance`` would take."""
        urgency = self.urgency()
        return "" if urgency is None else self._ready[urgency][0].name

    def deliver(self, pending: Pending, result: Result, seconds: float) -> None:
        """A request is settled: ``result`` with neutral cuts, and the seconds it took."""
        share = seconds / max(1, len(pending.askers))
        for rank, (task, index) in enumerate(pending.askers):
            if not isinstance(result, Fault):
                task.account.executed(share, first=rank == 0)
            self._settle(task, index, result)

    def give_up(self, job: str) -> None:
        """Forget the tickets of a job and whatever nobody else needs."""
        for task in list(self._tasks.values()):
            if any(ticket.progress.job == job for ticket in task.tickets):
                task.tickets = [ticket for ticket in task.tickets if ticket.progress.job != job]
                if not task.wanted:
                    self._drop(task)

    def _find_or_start(self, system: System, candidates: CandidateList, record: RunRecord | None) -> Task:
        key = task_key(system, candidates, record.job if record else "")
        if key not in self._tasks:
            task = Task(system=system, candidates=candidates, record=record)
            self._tasks[key] = task
            # Its priority is not known before somebody has joined; the front of the queue costs one step.
            self._ready[Priority.INTERACTIVE].append(task)
        return self._tasks[key]

    def _step(self, task: Task) -> None:
        if task.name in self._poisoned:
            self._fail(task, self._poisoned[task.name])
            return
        fault = task.fault()
        if fault is not None:
            self._fail(task, fault)
            return
        task.account.end_round()
        try:
            if task.steps is None:
                steps = self._build(task.system).rerank(task.candidates)
                task.steps = task.record.watched(steps) if task.record else steps
                asked = list(next(task.steps))
            else:
                asked = list(task.steps.send(task.answers()))
        except StopIteration as stop:
            self._finish(task, stop.value)
        except Exception as error:  # noqa: BLE001  (a strategy may be anybody's code; its fault is its own)
            self._fail(task, fault_of(error, "running the strategy").message)
        else:
            self._ask(task, asked)

    def _ask(self, task: Task, asked: list[Request]) -> None:
        task.begin_round(asked)
        try:
            models = [None if isinstance(request, OF_THE_ENGINE) else _model(task.system, request) for request in asked]
            keys = ["" if model is None else request_key(r, model) for r, model in zip(asked, models, strict=True)]
            members = {i: _member(task.system, r) for i, r in enumerate(asked) if isinstance(r, Rank)}
        except InvalidInputError as error:
            self._fail(task, str(error))
            return
        known = self._cache.get([key for key in keys if key])
        for index, (request, model, key) in enumerate(zip(asked, models, keys, strict=True)):
            if isinstance(request, Rank):
                record = task.record.member(index, members[index], request) if task.record else None
                child = self._find_or_start(members[index], request.candidates, record)
                child.parents.append((task, index))
                task.children.append(child)
            elif isinstance(request, Examples):
                self._settle(task, index, self._examples(request))
            elif key in known and check_answer(request, known[key]) is None:
                task.account.hit()
                if task.record:
                    task.record.hits.add(index)
                self._settle(task, index, known[key])
            elif key in self._poisoned:
                self._settle(task, index, Fault(message=self._poisoned[key]))
            elif model is not None:
                self._pool.add(key, request, model, (task, index))
        if not asked:
            self._enqueue(task)

    def _settle(self, task: Task, index: int, result: Result) -> None:
        """Enter a result with neutral cuts; answers are counted."""
        if not isinstance(result, Fault | RankAnswer | ExamplesAnswer):
            request = task.asked[index]
            result = personal(result, request)
            called = is_call(request)
            task.account.answered(result.usage, called=called)
            _count(task.beneficiaries(), int(called))
        if task.settle(index, result):
            self._enqueue(task)

    def _enqueue(self, task: Task) -> None:
        self._ready[task.priority].append(task)

    def _finish(self, task: Task, returned: object) -> None:
        try:
            outcome = check_outcome(returned, len(task.candidates.documents))
        except (BadAnswerError, TypeError, ValueError) as error:
            self._fail(task, str(error))
            return
        self._forget(task)
        if task.record:
            task.record.finished(outcome, task.account.logical)
        shares = iter(task.shares())
        cuts = tuple(task.account.cuts[id] for id in dict.fromkeys(task.candidates.ids) if id in task.account.cuts)
        for ticket in task.tickets:
            self._taker.ranked(ticket, self._ranking(task, outcome, cuts, next(shares)))
        logical = task.account.logical
        for parent, index in task.parents:
            parent.account.member(logical, next(shares), cuts)
            usage = Usage(prompt_tokens=logical.prompt_tokens, generated_tokens=logical.generated_tokens, cuts=cuts)
            self._settle(parent, index, RankAnswer(order=outcome.order, scores=outcome.scores, usage=usage))

    def _ranking(self, task: Task, outcome: Outcome, cuts: tuple[Cut, ...], executed: ExecutedCost) -> Ranking:
        order, scores = task.order_and_scores(outcome)
        return Ranking(
            system=task.system.fingerprint,
            candidates=task.candidates.hash,
            order=order,
            scores=scores,
            repairs=outcome.repairs,
            reasoning=kept_reasoning(outcome.reasoning),
            keep=outcome.keep,
            cuts=cuts,
            logical=task.account.logical,
            executed=executed,
            machine=self._machine(task.system.models),
        )

    def _fail(self, task: Task, message: str) -> None:
        self._forget(task)
        told = f"{task.system.spec}: {message}"
        for ticket in task.tickets:
            self._taker.failed(ticket, task.system.fingerprint, task.candidates.hash, told)
        for parent, index in task.parents:
            self._settle(parent, index, Fault(message=told))

    def _drop(self, task: Task) -> None:
        """Nobody wants the result any more."""
        self._forget(task)
        for child in task.children:
            child.parents = [(parent, index) for parent, index in child.parents if parent is not task]
            if not child.wanted and self._tasks.get(child.key) is child:
                self._drop(child)

    def _forget(self, task: Task) -> None:
        del self._tasks[task.key]
        if task.waiting:
            self._pool.drop(task)
        if task.steps is not None:
            try:
                task.steps.close()
            except Exception as error:  # noqa: BLE001  (a strategy's own clean-up must not stop the engine)
                fault_of(error, f"closing {task.system.spec}")


def _count(tickets: Iterable[Ticket], calls: int) -> None:
    for ticket in tickets:
        ticket.done += calls
        ticket.progress.advance(ticket.label, calls)


def _model(system: System, request: Request) -> ModelEntry:
    slots = dict(system.slots)
    slot = getattr(request, "slot", None)
    if slot not in slots:
        names = ", ".join(slots) or "none"
        raise InvalidInputError(f"asked {type(request).__name__} of the slot {slot!r}; its slots are: {names}")
    return slots[slot]


def _member(system: System, request: Rank) -> System:
    if not 0 <= request.member < len(system.members):
        raise InvalidInputError(f"asked for member {request.member}; it has {len(system.members)}")
    return system.members[request.member]
