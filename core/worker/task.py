"""One system ranking one list: the strategy's generator, the round it waits for, and who wants the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain.documents import CandidateList
from core.domain.rankings import ExecutedCost
from core.domain.requests import Answer, Request, ScoreList
from core.domain.requests import Score as ScoreRequest
from core.domain.systems import System
from core.domain.work import Priority
from core.strategies.base import Outcome, Steps
from core.worker.account import Account
from core.worker.faults import Fault, Result
from core.worker.progress import JobProgress

if TYPE_CHECKING:
    from core.worker.tracing import RunRecord

TaskKey = tuple[str, str, tuple[float, ...] | None, str]


def task_key(system: System, candidates: CandidateList, tracing: str = "") -> TaskKey:
    """Tasks of one key are one task. First-stage scores count: a strategy may use them, the hash leaves them out.

    ``tracing``: the job that records what happens; its tasks are its own.
    """
    return system.fingerprint, candidates.hash, candidates.first_stage_scores, tracing


@dataclass(slots=True, eq=False)
class Ticket:
    """A job's wish for the result of a task; ``forecast`` and ``done`` count calls, ``documents`` candidates.

    ``record``: where the task is to keep what happens, None where nobody wants to know.
    """

    progress: JobProgress
    label: str
    forecast: int
    documents: int
    done: int = 0
    record: RunRecord | None = None


@dataclass(slots=True, eq=False)
class Task:
    """``results``: aligned with ``asked``, None where an answer is still missing; ``parents``: with the index asked."""

    system: System
    candidates: CandidateList
    tickets: list[Ticket] = field(default_factory=list)
    parents: list[tuple[Task, int]] = field(default_factory=list)
    children: list[Task] = field(default_factory=list)
    steps: Steps | None = None
    asked: Sequence[Request] = ()
    results: list[Result | None] = field(default_factory=list)
    waiting: int = 0
    account: Account = field(default_factory=Account)
    record: RunRecord | None = None

    @property
    def key(self) -> TaskKey:
        """See ``task_key``."""
        return task_key(self.system, self.candidates, self.record.job if self.record else "")

    @property
    def name(self) -> str:
        """For the heartbeat and the forensics: the same in every process."""
        return f"task:{self.system.fingerprint}:{self.candidates.hash}"

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for the result."""
        return bool(self.tickets or self.parents)

    def beneficiaries(self) -> Iterator[Ticket]:
        """The tickets of this task and of every task that needs it."""
        yield from self.tickets
        for parent, _ in self.parents:
            yield from parent.beneficiaries()

    @property
    def priority(self) -> Priority:
        """That of the most urgent job behind it."""
        return min((ticket.progress.priority for ticket in self.beneficiaries()), default=Priority.BACKGROUND)

    def begin_round(self, asked: Sequence[Request]) -> None:
        """The generator asked; all answers are missing."""
        self.asked = asked
        self.results = [None] * len(asked)
        self.waiting = len(asked)
        self.children = []

    def settle(self, index: int, result: Result) -> bool:
        """Enter a result; whether the round is complete."""
        if self.results[index] is None:
            self.results[index] = result
            self.waiting -= 1
        return self.waiting == 0

    def answers(self) -> list[Answer]:
        """The answers of a complete round without faults."""
        return [result for result in self.results if result is not None and not isinstance(result, Fault)]

    def fault(self) -> str | None:
        """Why the round failed: the number of non-finite values, else the first fault; None where it did not."""
        faults = [result for result in self.results if isinstance(result, Fault)]
        if not faults:
            return None
        bad = sum(fault.non_finite for fault in faults)
        if not bad:
            return faults[0].message
        scores = isinstance(self.asked[0], ScoreRequest | ScoreList)
        return f"{bad} non-finite scores" if scores else f"{bad} non-finite values in its models' answers"

    def shares(self) -> list[ExecutedCost]:
        """Executed cost per taker, tickets first, then parents."""
        return self.account.shares(max(1, len(self.tickets) + len(self.parents)))

    def order_and_scores(self, outcome: Outcome) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
        """Document ids best first and scores in that order."""
        ids = self.candidates.ids
        scores = outcome.scores
        aligned = None if scores is None else tuple(scores[position] for position in outcome.order)
        return tuple(ids[position] for position in outcome.order), aligned
