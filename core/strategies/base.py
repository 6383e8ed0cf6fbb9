"""The shape of a strategy and its registry.

A strategy is a frozen dataclass whose fields are its parameters. Its ``rerank`` is a generator: it
yields lists of model requests, is sent the answers in the same order, and returns an ``Outcome``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.requests import Answer, Request

A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``order``: candidate positions, best first, a permutation. ``scores``: (n_docs,) by position, or None."""

    order: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    repairs: tuple[str, ...] = ()


Steps = Generator[Sequence[Request], Sequence[Answer], Outcome]


class Strategy(Protocol):
    """One configured strategy, ready to rank any candidate list."""

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """The algorithm as a generator over model requests."""
        ...

    def forecast(self, n_docs: int) -> int:
        """Model calls expected for ``n_docs`` candidates (exact where ``info.exact_forecast``)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a model: the capabilities it must have, and the model taken where none is named."""

    needs: frozenset[Capability]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyInfo:
    """What is known of a strategy without running it. ``version`` rises whenever behaviour changes."""

    name: str
    version: int
    family: str
    title: str
    paper: str = ""
    slots: tuple[tuple[str, Slot], ...] = ()
    members: bool = False
    exact_forecast: bool = True
    type: type = field(default=object)


_registry: dict[str, StrategyInfo] = {}
S = TypeVar("S", bound=type)


def strategy(
    *,
    name: str,
    version: int,
    family: str,
    title: str,
    paper: str = "",
    slots: dict[str, Slot] | None = None,
    members: bool = False,
    exact_forecast: bool = True,
) -> Callable[[S], S]:
    """Register the decorated frozen dataclass under ``name``; InvalidInputError where the name is taken."""

    def register(cls: S) -> S:
        if name in _registry and _registry[name].type.__module__ != cls.__module__:
            raise InvalidInputError(f"Strategy name {name!r} is taken by {_registry[name].type.__module__}.")
        info = StrategyInfo(
            name=name,
            version=version,
            family=family,
            title=title,
            paper=paper,
            slots=tuple(sorted((slots or {}).items())),
            members=members,
            exact_forecast=exact_forecast,
            type=cls,
        )
        cls.info = info  # type: ignore[attr-defined]
        _registry[name] = info
        return cls

    return register


def registered() -> dict[str, StrategyInfo]:
    """Name to info of every registered strategy (import core.strategies.all first for the built-in ones)."""
    return dict(_registry)


def find(name: str) -> StrategyInfo:
    """The strategy of this name; UnknownNameError with the known names otherwise."""
    if name not in _registry:
        raise UnknownNameError("strategy", name, tuple(sorted(_registry)))
    return _registry[name]


def ask(requests: Sequence[Request], kind: type[A]) -> Generator[Sequence[Request], Sequence[Answer], list[A]]:
    """Yield ``requests`` and return the answers, checked to be of one kind: ``x = yield from ask(...)``."""
    if not requests:
        return []
    answers = yield requests
    checked: list[A] = [answer for answer in answers if isinstance(answer, kind)]
    if len(checked) != len(requests):
        raise InvalidInputError(f"Asked for {len(requests)} {kind.__name__}, got {len(checked)}.")
    return checked


def by_score(scores: Sequence[float]) -> tuple[int, ...]:
    """Positions by descending score; ties keep first-stage order."""
    return tuple(sorted(range(len(scores)), key=lambda position: -scores[position]))
