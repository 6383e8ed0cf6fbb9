"""The shape of a strategy and its registry.

A strategy is a frozen dataclass whose fields are its parameters (``parameter()`` says what each may be).
Its ``rerank`` is a generator: it yields lists of model requests, is sent the answers in the same order,
and returns an ``Outcome``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError, InvalidInputError, UnknownNameError
from core.domain.requests import Answer, Request
from core.domain.systems import ParameterValue
from core.strategies.about import SAYS_NOTHING, About

A = TypeVar("A")

FAMILIES = (
    "baseline",
    "lexical",
    "embedding",
    "pointwise",
    "pairwise",
    "setwise",
    "listwise",
    "groupwise",
    "tournament",
    "attention",
    "aggregation",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a strategy made of the answers of one round. ``round``: from 1. ``order``: positions as they stand after
    it, where there is an order of all candidates yet; ``note``: what was read, in words."""

    round: int
    note: str
    order: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``order``: candidate positions, best first, a permutation. ``scores``: (n_docs,) by position, or None.

    ``repairs``: what was mended in malformed output. ``reasoning``: what the model thought, as shown with the ranking.
    ``keep``: how many at the head are relevant, where the strategy decides that. ``steps``: for the trace.
    """

    order: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    repairs: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    keep: int | None = None
    steps: tuple[Step, ...] = ()


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


@runtime_checkable
class Staged(Protocol):
    """A strategy whose members do not all rank the whole list."""

    def member_documents(self, member: int, n_docs: int) -> int:
        """How many of ``n_docs`` candidates the member of this index is given."""
        ...


@runtime_checkable
class Repeating(Protocol):
    """A strategy whose members rank other lists than the whole one once: it more than once, or lists of examples."""

    def member_lists(self, member: int, n_docs: int) -> tuple[int, ...]:
        """How many documents each list has that the member of this index is given for ``n_docs`` candidates."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """Another way of asking: with ``parameter`` set to ``value`` the slot needs these capabilities instead."""

    parameter: str
    value: str
    needs: frozenset[Capability]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a model: the capabilities it must have, and the model taken where none is named.

    ``format``: the exact input that the strategy writes; only models trained on it fit. "": instructions in words.
    ``modes``: where a parameter decides what is asked; ``needs`` is that of its default.
    """

    needs: frozenset[Capability]
    default: str | None = None
    format: str = ""
    modes: tuple[Mode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyInfo:
    """What is known of a strategy without running it. ``version`` rises whenever behaviour changes.

    ``members``: it combines other systems and has a field ``members``, their number (at least ``least_members``, and
    not more than ``most_members`` where that is stated).
    ``symmetric``: the order of the members means nothing. ``exact_forecast``: ``forecast`` is no estimate.
    """

    name: str
    version: int
    family: str
    title: str
    paper: str = ""
    slots: tuple[tuple[str, Slot], ...] = ()
    members: bool = False
    least_members: int = 2
    most_members: int | None = None
    symmetric: bool = False
    exact_forecast: bool = True
    about: About = SAYS_NOTHING
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
    least_members: int = 2,
    most_members: int | None = None,
    symmetric: bool = False,
    exact_forecast: bool = True,
    about: About = SAYS_NOTHING,
) -> Callable[[S], S]:
    """Register the decorated frozen dataclass under ``name``.

    InvalidInputError where another file has taken the name or the family is not one of ``FAMILIES``.
    """

    def register(cls: S) -> S:
        if family not in FAMILIES:
            raise InvalidInputError(f"Unknown family {family!r} of strategy {name!r}. Known: {', '.join(FAMILIES)}.")
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
            least_members=least_members,
            most_members=most_members,
            symmetric=symmetric,
            exact_forecast=exact_forecast,
            about=about,
            type=cls,
        )
        cls.info = info  # type: ignore[attr-defined]  # S is any class; Strategy declares it
        _registry[name] = info
        return cls

    return register


def parameter(
    default: ParameterValue,
    *,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - stands for the field's own type, as dataclasses.field does
    """A parameter of a strategy: a dataclass field with its meaning and range (inclusive), or its choices."""
    metadata = {"help": help, "minimum": minimum, "maximum": maximum, "choices": choices}
    return field(default=default, metadata=metadata)


def registered() -> dict[str, StrategyInfo]:
    """Name to info of every registered strategy (import core.strategies.all first for the built-in ones)."""
    return dict(_registry)


def find(name: str) -> StrategyInfo:
    """The strategy of this name; UnknownNameError with the known names otherwise."""
    if name not in _registry:
        raise UnknownNameError("strategy", name, tuple(sorted(_registry)))
    return _registry[name]


def discard(module: str) -> tuple[StrategyInfo, ...]:
    """Take the strategies of one module out of the registry; what was taken out, for ``restore``."""
    found = tuple(info for info in _registry.values() if info.type.__module__ == module)
    for info in found:
        del _registry[info.name]
    return found


def restore(infos: Sequence[StrategyInfo]) -> None:
    """Put back what ``discard`` took out."""
    _registry.update({info.name: info for info in infos})


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
    """Positions by descending score; ties keep first-stage order. BadAnswerError for a score that is not finite."""
    for position, score in enumerate(scores):
        if not math.isfinite(score):
            raise BadAnswerError(
                f"Document {position + 1} of the first stage got the score {score}, which has no rank."
            )
    return tuple(sorted(range(len(scores)), key=lambda position: -scores[position]))
