"""One batch on one model: halved when it does not fit or fails, down to the request that is at fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.requests import Answer, Request
from core.models.base import Adapter, OutOfMemoryError
from core.worker.budget import Budgets
from core.worker.cuts import neutral
from core.worker.faults import Fault, Result, fault_of
from core.worker.pool import Pending
from core.worker.validation import check_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """``results`` and ``seconds``: aligned with the batch; seconds are shares of the whole by tokens."""

    results: list[Result]
    seconds: list[float]

    def answers(self, batch: Sequence[Pending]) -> list[tuple[str, Answer]]:
        """Key and answer of what succeeded."""
        return [(p.key, r) for p, r in zip(batch, self.results, strict=True) if not isinstance(r, Fault)]


class BatchRunner:
    """Runs batches and learns their pace."""

    def __init__(self, budgets: Budgets, clock: Callable[[], float], make_room: Callable[[Adapter], bool]) -> None:
        """``make_room`` gives back other models; whether there were any."""
        self._budgets, self._clock, self._make_room = budgets, clock, make_room

    def run(self, adapter: Adapter, batch: list[Pending], cancelled: Callable[[], bool]) -> Executed:
        """Answer every request or say why not; CancelledError when ``cancelled`` came true."""
        began = self._clock()
        results: dict[str, Result] = {}
        chunks = [batch]
        while chunks:
            if cancelled():
                raise CancelledError("cancelled")
            chunk = chunks.pop()
            outcome = self._try(adapter, chunk, cancelled)
            if isinstance(outcome, list):
                results.update(zip([pending.key for pending in chunk], outcome, strict=True))
            else:
                chunks += self._after_failure(adapter, chunk, outcome, results)
        seconds = self._clock() - began
        weights = [_tokens(pending, results[pending.key]) for pending in batch]
        self._budgets.learn(batch[0].group, sum(pending.weight or 1 for pending in batch), seconds)
        total = sum(weights)
        return Executed(
            results=[results[pending.key] for pending in batch], seconds=[seconds * w / total for w in weights]
        )

    def _try(
        self, adapter: Adapter, chunk: list[Pending], cancelled: Callable[[], bool]
    ) -> list[Result] | BaseException:
        requests = [pending.request for pending in chunk]
        try:
            answers = adapter.answer(requests, cancelled)
        except CancelledError as error:
            if cancelled():
                raise
            return error
        except Exception as error:  # noqa: BLE001  (a model library may raise anything; it must cost only these requests)
            return error
        if len(answers) != len(requests):
            return AnswerCountError(len(answers), len(requests))
        return [_checked(request, answer) for request, answer in zip(requests, answers, strict=True)]

    def _after_failure(
        self, adapter: Adapter, chunk: list[Pending], error: BaseException, results: dict[str, Result]
    ) -> list[list[Pending]]:
        """What to try next; where there is nothing left to try, the fault is entered."""
        memory = isinstance(error, OutOfMemoryError | MemoryError)
        if memory and len(chunk) > 1:
            self._budgets.did_not_fit(chunk[0].group, sum(pending.weight or 1 for pending in chunk))
        if len(chunk) > 1 and not isinstance(error, ModelUnavailableError):
            middle = len(chunk) // 2
            return [chunk[middle:], chunk[:middle]]
        if memory and self._make_room(adapter):
            return [chunk]
        fault = _memory_fault(adapter) if memory else fault_of(error, f"asking {adapter.entry.id}")
        results.update((pending.key, fault) for pending in chunk)
        return []


class AnswerCountError(BadAnswerError):
    """The number of answers is not the number of requests."""

    def __init__(self, given: int, wanted: int) -> None:
        super().__init__(f"the model gave {given} answers to {wanted} requests")


def _memory_fault(adapter: Adapter) -> Fault:
    return Fault(message=f"{adapter.entry.id} ran out of memory on a single request; shorten the text or the list")


def _checked(request: Request, answer: Answer) -> Result:
    return check_answer(request, answer) or neutral(answer, request)


def _tokens(pending: Pending, result: Result) -> int:
    if isinstance(result, Fault):
        return max(1, pending.weight or 1)
    return max(1, result.usage.prompt_tokens + result.usage.generated_tokens)
