"""A one-round strategy taken apart: what it asks, and the order it makes of given answers."""

from __future__ import annotations

from collections.abc import Sequence

from core.catalog.builtin import BUILTIN
from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.requests import Answer, LabelAnswer, LikelihoodAnswer, Request, Usage
from core.domain.systems import System
from core.strategies.base import Strategy
from core.strategies.resolve import build, resolve


def system_of(spec: str, *entries: ModelEntry) -> System:
    """The resolved system over these models, and the bundled ones where it names them."""
    known = {entry.id: entry for entry in (*BUILTIN, *entries)}
    return resolve(spec, lambda id: known[id], known=entries)


def strategy_of(spec: str, *entries: ModelEntry) -> Strategy:
    """The configured strategy of a specification."""
    return build(system_of(spec, *entries))


def asked(strategy: Strategy, lists: Sequence[CandidateList]) -> list[list[Request]]:
    """The first round of every list."""
    return [list(next(strategy.rerank(one))) for one in lists]


def order_of(strategy: Strategy, one: CandidateList, answers: Sequence[Answer]) -> tuple[int, ...]:
    """The order that a one-round strategy makes of ``answers``."""
    steps = strategy.rerank(one)
    next(steps)
    try:
        steps.send(answers)
    except StopIteration as done:
        return tuple(done.value.order)
    raise RuntimeError("The strategy asks for a second round; only one is measured here.")


def values_of(answer: Answer) -> list[float]:
    """The log-probabilities of an answer; a label that did not come back has none and is an error."""
    if not isinstance(answer, LabelAnswer | LikelihoodAnswer):
        raise TypeError(f"Expected log-probabilities, not {type(answer).__name__}.")
    if any(value is None for value in answer.logprobs):
        raise ValueError("A label has no log-probability.")
    return [float(value) for value in answer.logprobs if value is not None]


def as_answer(request: Request, values: Sequence[float]) -> Answer:
    """A peer's values in the shape that the strategy of ``request`` takes."""
    kind = LikelihoodAnswer if type(request).__name__ == "Likelihood" else LabelAnswer
    return kind(logprobs=tuple(values), usage=Usage())
