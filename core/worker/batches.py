"""One batch on one model: halved when it does not fit or fails, down to the request that is at fault."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.requests import Answer, Request
from core.models.base import Adapter, OutOfMemoryError
from core.worker.budget import Budgets
from core.worker.cuts import neutral
from core.worker.faults import Fault, Result, fault_of, let_go
from core.worker.pool import Pending
from core.worker.validation import check_answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """``settled``: the requests that have a result; ``results`` and ``seconds`` are aligned with them.

    ``seconds``: the time until the last of them had its result, divided by executed tokens. ``interrupted``: the rest
    of the batch was given up; the time that went into it is nobody's.
    """

    settled: list[Pending]
    results: list[Result]
    seconds: list[float]
    interrupted: bool

    def answers(self) -> list[tuple[str, Answer]]:
        """Key and answer of what succeeded."""
        return [(p.key, r) for p, r in zip(self.settled, self.results, strict=True) if not isinstance(r, Fault)]


@dataclass(slots=True, kw_only=True)
class _Course:
    """A batch while it runs. ``misfits``: parts that ran out of memory; ``tokens``: executed, by key of the settled.

    ``ended``: the time of the last result.
    """

    ended: float
    results: dict[str, Result] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    misfits: list[tuple[list[Pending], float]] = field(default_factory=list)
    too_large: set[str] = field(default_factory=set)


class BatchRunner:
    """Runs batches and learns their pace."""

    def __init__(self, budgets: Budgets, clock: Callable[[], float], make_room: Callable[[Adapter], bool]) -> None:
        """``make_room`` gives back other models; whether there were any."""
        self._budgets, self._clock, self._make_room = budgets, clock, make_room

    def run(self, adapter: Adapter, batch: list[Pending], cancelled: Callable[[], bool]) -> Executed:
        """Answer every request or say why not; what is not done when ``cancelled`` comes true is left out."""
        began = self._clock()
        course = _Course(ended=began)
        chunks = [batch]
        interrupted = False
        while chunks and not interrupted:
            chunk = chunks.pop()
            interrupted = cancelled()
            if not interrupted:
                try:
                    chunks += self._attempt(adapter, chunk, course, cancelled)
                except CancelledError:
                    interrupted = True
        self._note_misfits(course)
        settled = [pending for pending in batch if pending.key in course.results]
        total = sum(course.tokens.values())
        seconds = course.ended - began
        return Executed(
            settled=settled,
            results=[course.results[pending.key] for pending in settled],
            seconds=[seconds * course.tokens[pending.key] / total for pending in settled],
            interrupted=interrupted,
        )

    def _attempt(
        self, adapter: Adapter, chunk: list[Pending], course: _Course, cancelled: Callable[[], bool]
    ) -> list[list[Pending]]:
        """Run one part; what is to be tried next in its place. CancelledError when ``cancelled`` came true."""
        requests = [pending.request for pending in chunk]
        shares = _shares(adapter, requests)  # before: an adapter may remember afterwards what it has run
        began = self._clock()
        try:
            answers = adapter.answer(requests, cancelled)
            if len(answers) != len(requests):
                raise AnswerCountError(len(answers), len(requests))
        except CancelledError as error:
            if cancelled():
                raise
            return self._after_failure(adapter, chunk, shares, error, course)
        except Exception as error:  # noqa: BLE001  (a model library may raise anything; it must cost only these requests)
            return self._after_failure(adapter, chunk, shares, error, course)
        course.ended = self._clock()
        results = [_checked(request, answer) for request, answer in zip(requests, answers, strict=True)]
        self._budgets.learn(chunk[0].group, sum(shares), course.ended - began)
        for pending, result, share in zip(chunk, results, shares, strict=True):
            self._settle(course, pending, result, share)
        return []

    def _after_failure(
        self, adapter: Adapter, chunk: list[Pending], shares: Sequence[float], error: Exception, course: _Course
    ) -> list[list[Pending]]:
        """What to try next; where there is nothing left to try, the fault is entered."""
        memory = isinstance(error, OutOfMemoryError | MemoryError)
        if memory:
            let_go(error)
        if len(chunk) > 1 and not isinstance(error, ModelUnavailableError):
            if memory:
                course.misfits.append((chunk, sum(shares)))
            middle = len(chunk) // 2
            return [chunk[middle:], chunk[:middle]]
        if memory and self._make_room(adapter):
            return [chunk]
        if memory:
            course.too_large.update(pending.key for pending in chunk)
        fault = _memory_fault(adapter) if memory else fault_of(error, f"asking {adapter.entry.id}")
        course.ended = self._clock()
        for pending, share in zip(chunk, shares, strict=True):
            self._settle(course, pending, fault, share)
        return []

    def _settle(self, course: _Course, pending: Pending, result: Result, share: float) -> None:
        course.results[pending.key] = result
        generated = 0 if isinstance(result, Fault) else result.usage.generated_tokens
        course.tokens[pending.key] = share + generated

    def _note_misfits(self, course: _Course) -> None:
        """Lower the ceiling for parts that did not fit, unless a request was in them that does not fit alone either."""
        for chunk, tokens in course.misfits:
            if course.too_large.isdisjoint(pending.key for pending in chunk):
                self._budgets.did_not_fit(chunk[0].group, tokens)


class AnswerCountError(BadAnswerError):
    """The number of answers is not the number of requests."""

    def __init__(self, given: int, wanted: int) -> None:
        super().__init__(f"the model gave {given} answers to {wanted} requests")


def _memory_fault(adapter: Adapter) -> Fault:
    return Fault(message=f"{adapter.entry.id} ran out of memory on a single request; shorten the text or the list")


def _checked(request: Request, answer: Answer) -> Result:
    return check_answer(request, answer) or neutral(answer, request)


def _shares(adapter: Adapter, requests: Sequence[Request]) -> list[float]:
    """Executed tokens of each request; equal ones where the adapter cannot say, since answering will show why."""
    try:
        return adapter.shares(requests)
    except Exception:  # tokenisers may raise anything; it must cost only the request that is at fault
        log.exception("%s could not divide a batch of %d requests.", adapter.entry.id, len(requests))
        return [1.0] * len(requests)
