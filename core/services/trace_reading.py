"""What a trace shows at a glance: which documents met in which request, who won, and what moved.

Nothing here is kept: it is read from the answers of a trace, for drawings and lists.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.requests import Wanted
from core.domain.traces import Trace, TracedRequest, TracedRound, TracedRun
from core.services.trace_texts import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one answer says of the documents of its request.

    ``order``: ids, best first, of those that it puts in order; ``winners`` and ``losers``: that it names best or worst.
    ``values``: id to score, probability or grade. ``complete``: False where something wanted is missing from it.
    """

    order: tuple[str, ...] = ()
    winners: tuple[str, ...] = ()
    losers: tuple[str, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    complete: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Documents in one request. ``documents``: positions among the candidates of the run, in the prompt's order;
    documents of other lists are left out. ``number``: of the request in its round. ``order``: best first, where the
    answer puts several in order."""

    round: int
    number: int
    documents: tuple[int, ...]
    winners: tuple[int, ...]
    order: tuple[int, ...]
    losers: tuple[int, ...]
    values: Mapping[int, float]
    cached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One document that a step moved, ranks from 1."""

    document: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A trace in figures, members included. ``calls``, ``rounds`` and tokens: as in the ranking's cost. ``cached``:
    requests whose answer was known; ``incomplete``: answers that lack something that was wanted."""

    calls: int
    left_out: int
    rounds: int
    prompt_tokens: int
    generated_tokens: int
    cached: int
    incomplete: int
    repairs: int


def totals(trace: Trace) -> Totals:
    """Of the system and its members."""
    asked = [request for run in trace.runs() for _, request in run.requests if request.kind != "Rank"]
    return Totals(
        calls=trace.run.logical.calls,
        left_out=trace.left_out,
        rounds=trace.run.logical.depth,
        prompt_tokens=trace.run.logical.prompt_tokens,
        generated_tokens=trace.run.logical.generated_tokens,
        cached=sum(request.cached for request in asked),
        incomplete=sum(verdict(request).complete is False for request in asked),
        repairs=sum(len(run.repairs) for run in trace.runs()),
    )


def verdict(request: TracedRequest) -> Verdict:
    """What the answer says; empty where it says nothing of single documents."""
    answer, ids = request.answer, request.documents
    if answer.order:
        return Verdict(order=answer.order, winners=answer.order[:1])
    if answer.text is not None:
        return _written(request, request.wanted or Wanted())
    if answer.labels:
        return _labels(answer.labels, ids, logits=answer.unit == "logit")
    if answer.scores and len(answer.scores) == len(ids):
        return _scored(dict(zip(ids, answer.scores, strict=True)))
    return Verdict()


def meetings(run: TracedRun) -> tuple[Meeting, ...]:
    """Every request of the run that shows documents of its list, in the order of asking."""
    places = {id: place for place, id in enumerate(run.candidates)}
    return tuple(
        _meeting(made, request, places)
        for made, request in run.requests
        if any(id in places for id in request.documents)
    )


def moves(run: TracedRun) -> Iterator[tuple[Move, ...]]:
    """What each step moved, against the last order known before it; the first against the first stage."""
    before = tuple(range(len(run.candidates)))
    for step in run.steps:
        if step.order is None:
            yield ()
            continue
        ranks = {position: rank for rank, position in enumerate(before, start=1)}
        yield tuple(
            Move(document=run.candidates[position], before=ranks[position], after=rank)
            for rank, position in enumerate(step.order, start=1)
            if ranks[position] != rank
        )
        before = step.order


def _meeting(made: TracedRound, request: TracedRequest, places: Mapping[str, int]) -> Meeting:
    read = verdict(request)

    def positions(ids: Sequence[str]) -> tuple[int, ...]:
        return tuple(places[id] for id in ids if id in places)

    return Meeting(
        round=made.number,
        number=request.number,
        documents=positions(request.documents),
        winners=positions(read.winners) if len(request.documents) > 1 else (),
        order=positions(read.order) if len(request.documents) > 1 else (),
        losers=positions(read.losers),
        values={places[id]: value for id, value in read.values.items() if id in places},
        cached=request.cached,
    )


def _written(request: TracedRequest, wanted: Wanted) -> Verdict:
    ids = request.documents
    read = said(request.answer.text or "", wanted, len(ids), finished=request.answer.finished)
    named = tuple(ids[place] for place in read.named if place < len(ids))
    values = {ids[place]: value for place, value in read.grades.items() if place < len(ids)}
    if wanted.kind == "worst":
        return Verdict(losers=named[:1], complete=read.complete)
    if wanted.kind == "worst-first":
        named = named[::-1]
    if values and not named:
        return _scored(values, complete=read.complete)
    most = {"top": wanted.count, "best": 1, "order": 1, "worst-first": 1}.get(wanted.kind, 0)
    return Verdict(order=named, winners=named[:most], values=values, complete=read.complete)


def _labels(labels: Sequence[tuple[str, float | None]], ids: Sequence[str], *, logits: bool) -> Verdict:
    """Several documents: the i-th distinct label stands for the i-th. One: how much rather the first label."""
    masses: dict[str, float | None] = {}
    for label, value in labels:
        name = label.strip().casefold()
        known = masses.get(name)
        if value is not None:
            masses[name] = value if known is None else max(known, value) if logits else known + value
        else:
            masses.setdefault(name, None)
    found = list(masses.values())
    silent = all(value is None for value in found)
    if len(ids) > 1:
        worths = {id: value for id, value in zip(ids, found, strict=False) if value is not None}
        return _scored(worths, complete=not silent)
    return Verdict(values={ids[0]: _one(masses, logits=logits)} if ids and not silent else {}, complete=not silent)


def _one(masses: Mapping[str, float | None], *, logits: bool) -> float:
    """The value of the only document: expected grade, share of the first label, or the one logit there is."""
    known = {name: value for name, value in masses.items() if value is not None}
    if logits:
        first, *others = known.values()
        return first - max(others) if others else first
    total = math.fsum(known.values())
    if len(masses) > 2 and all(name.isascii() and name.isdigit() for name in masses):
        return math.fsum(int(name) * value for name, value in known.items()) / total if total else 0.0
    first_name = next(iter(masses))
    return known.get(first_name, 0.0) / total if total else 0.0


def _scored(values: Mapping[str, float], *, complete: bool | None = None) -> Verdict:
    """Best first; who shares the first place does not win."""
    order = sorted(values, key=lambda id: -values[id])
    alone = len(order) == 1 or (len(order) > 1 and values[order[0]] > values[order[1]])
    return Verdict(order=tuple(order), winners=tuple(order[:1]) if alone else (), values=values, complete=complete)
