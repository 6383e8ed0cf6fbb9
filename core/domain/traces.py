"""What happened while one system ranked one list: every round, what was asked and answered, and what came of it.

A trace is made by a replay (core/worker/tracing.py), travels once and is bounded: of a long run the first and the last
requests are kept, and every round says how many of its requests are left out. Prompts of one run share most of
their text, so each text is kept once, as a ``Piece``, and turns name pieces by their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.domain.rankings import LogicalCost
from core.domain.requests import Cut, PartKind, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A text of a prompt. ``document``: the id of the document it is, None for words of the strategy and the query."""

    text: str
    kind: PartKind = "text"
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a prompt, or one text of a request without a prompt. ``role``: "system", "user" and "assistant" as
    in chats, else what the text is, such as "query". ``pieces``: places in ``Trace.pieces``."""

    role: str
    pieces: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedToken:
    """A generated token and the likeliest ones in its place with their probabilities."""

    text: str
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedAnswer:
    """An answer as people read it: only what its kind has is filled in.

    ``text``: what was generated; ``finished`` is False where the limit ended it. ``labels``: each with its probability,
    or its logit where ``unit`` says so; None where it was not returned. ``scores``: aligned with the documents of the
    request, in ``unit`` ("score", "log-probability", "attention"). ``shape``: of vectors, whose numbers are not kept.
    ``order``: document ids, best first, that a member gave.
    """

    text: str | None = None
    finished: bool = True
    labels: tuple[tuple[str, float | None], ...] = ()
    scores: tuple[float, ...] = ()
    unit: str = ""
    shape: tuple[int, ...] | None = None
    order: tuple[str, ...] = ()
    tokens: tuple[TracedToken, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRequest:
    """``number``: its place in the round, from 1. ``kind``: as in core.domain.requests. ``documents``: ids in the order
    in which they stand in it. ``settings``: limits, seeds and the like, in words. ``cached``: the answer was known.

    ``member``: the path of the system that was asked to rank ("0", or "1/0" for a member of a member); ``run`` is what
    it did, None where that stands elsewhere in the trace under the same path.
    """

    number: int
    kind: str
    slot: str = ""
    model: str = ""
    documents: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    wanted: Wanted | None = None
    settings: str = ""
    answer: TracedAnswer = TracedAnswer()
    prompt_tokens: int = 0
    generated_tokens: int = 0
    cuts: tuple[Cut, ...] = ()
    cached: bool = False
    member: str = ""
    run: TracedRun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRound:
    """What was asked at once. ``asked``: how many requests; of those, some may be left out of ``requests``."""

    number: int
    asked: int
    requests: tuple[TracedRequest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedStep:
    """What the strategy made of the answers of ``round``. ``order``: positions among the candidates as they then stood,
    where there was an order of all."""

    round: int
    note: str
    order: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRun:
    """One system over one list. ``path``: "" for the system itself, else as in TracedRequest.

    ``candidates``: ids in first-stage order. ``rounds_made``, ``steps_made``: of which ``rounds`` and ``steps`` hold
    those that were kept. ``order``, ``scores`` (aligned with it), ``repairs``, ``reasoning``, ``keep`` and ``logical``
    as in core.domain.rankings.Ranking.
    """

    path: str
    system: str
    candidates: tuple[str, ...]
    rounds: tuple[TracedRound, ...]
    rounds_made: int
    steps: tuple[TracedStep, ...] = ()
    steps_made: int = 0
    order: tuple[str, ...]
    scores: tuple[float, ...] | None = None
    repairs: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    keep: int | None = None
    logical: LogicalCost

    @property
    def requests(self) -> Iterator[tuple[TracedRound, TracedRequest]]:
        """Every request that was kept, with its round; those of members are in their own runs."""
        return ((made, request) for made in self.rounds for request in made.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """``system`` (fingerprint) and ``candidates`` (hash) name the ranking it is of; ``run`` is the system itself.

    ``asked`` and ``left_out``: requests in all, members included, and those that are not kept.
    """

    system: str
    candidates: str
    query: str
    run: TracedRun
    pieces: tuple[Piece, ...]
    asked: int
    left_out: int = 0
    machine: str = ""

    def runs(self) -> tuple[TracedRun, ...]:
        """The system and every member, each before its own members."""
        return tuple(_with_members(self.run))

    def text(self, turn: Turn) -> str:
        """A turn as it was written, before a model's limits."""
        return "".join(self.pieces[place].text for place in turn.pieces)


def _with_members(run: TracedRun) -> Iterator[TracedRun]:
    yield run
    for _, request in run.requests:
        if request.run is not None:
            yield from _with_members(request.run)
