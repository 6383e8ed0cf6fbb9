"""Drives one strategy with a judge in place of a model and keeps what was asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError
from core.domain.requests import OF_THE_ENGINE, Answer, Rank, RankAnswer, Request, Score
from core.strategies.base import Outcome, Strategy

MAX_ROUNDS = 20_000

Member = Callable[[CandidateList], RankAnswer]


class Judge(Protocol):
    """Answers any request."""

    def answer(self, request: Request) -> Answer:
        """The answer, of the type that belongs to the request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """The outcome of a strategy and the requests of every round."""

    outcome: Outcome
    rounds: tuple[tuple[Request, ...], ...]

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests in order."""
        return tuple(request for asked in self.rounds for request in asked)

    @property
    def calls(self) -> int:
        """Model calls: requests other than those to the engine itself and those to an index."""
        return sum(is_call(request) for request in self.requests)


def is_call(request: Request) -> bool:
    """Whether a model answers it for this ranking."""
    return not (isinstance(request, OF_THE_ENGINE) or (isinstance(request, Score) and request.indexed))


def drive(strategy: Strategy, candidates: CandidateList, judge: Judge, *, members: Sequence[Member] = ()) -> Driven:
    """Run to the end. ``members`` answer Rank requests; without them the judge does.

    InvalidInputError where the strategy is still asking after 20,000 rounds or does not return an Outcome.
    """
    rounds: list[tuple[Request, ...]] = []
    steps = strategy.rerank(candidates)
    if not isinstance(steps, Generator):
        raise InvalidInputError("rerank must be a generator: it yields lists of requests (yield from () for none).")
    answers: list[Answer] | None = None
    while len(rounds) <= MAX_ROUNDS:
        try:
            asked = tuple(steps.send(answers))  # type: ignore[arg-type]  # None opens a generator; types do not say so
        except StopIteration as done:
            if not isinstance(done.value, Outcome):
                raise InvalidInputError(f"rerank must return an Outcome, not {done.value!r}.") from None
            return Driven(outcome=done.value, rounds=tuple(rounds))
        rounds.append(asked)
        answers = [_answer(request, judge, members) for request in asked]
    steps.close()
    raise InvalidInputError(f"The strategy is still asking after {MAX_ROUNDS} rounds.")


def _answer(request: Request, judge: Judge, members: Sequence[Member]) -> Answer:
    if isinstance(request, Rank) and members:
        return members[request.member](request.candidates)
    return judge.answer(request)
