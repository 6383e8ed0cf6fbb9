"""Ever shorter versions of a trace, for a file that is to be small: texts first, then prompts, then requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from core.domain.traces import Trace, TracedRequest, TracedRun

T = TypeVar("T")
TEXTS = (1000, 400, 160)  # characters of a passage or an answer
PROMPTS = 3  # requests of a run whose prompt is kept
ENDS = (60, 24, 8)  # requests of a round, rounds of a run and steps: the first half and the last


def _each_request(run: TracedRun, change: Callable[[int, TracedRequest], TracedRequest]) -> TracedRun:
    """The run with every request changed; ``change`` gets its place in the run. Members likewise."""
    place = 0
    rounds = []
    for made in run.rounds:
        requests = []
        for request in made.requests:
            inner = None if request.run is None else _each_request(request.run, change)
            requests.append(replace(change(place, request), run=inner))
            place += 1
        rounds.append(replace(made, requests=tuple(requests)))
    return replace(run, rounds=tuple(rounds))


def _texts_cut(trace: Trace, most: int) -> Trace:
    def cut(text: str) -> str:
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def shorter(_place: int, request: TracedRequest) -> TracedRequest:
        text = request.answer.text
        return replace(request, answer=replace(request.answer, text=None if text is None else cut(text)))

    run = _each_request(trace.run, shorter)
    pieces = tuple(replace(piece, text=cut(piece.text)) if piece.document else piece for piece in trace.pieces)
    return replace(trace, pieces=pieces, run=replace(run, reasoning=tuple(map(cut, run.reasoning))))


def _few_prompts(trace: Trace) -> Trace:
    """Of all but the first requests of every run only what the drawing needs: documents, answers, what was wanted."""

    def bare(place: int, request: TracedRequest) -> TracedRequest:
        if place < PROMPTS:
            return request
        answer = replace(request.answer, tokens=())
        return replace(request, turns=(), model="", settings="", cuts=(), answer=answer)

    return _only_used(replace(trace, run=_each_request(trace.run, bare)))


def _only_used(trace: Trace) -> Trace:
    """Without texts that no turn has any more."""
    used = sorted({p for run in trace.runs() for _, r in run.requests for turn in r.turns for p in turn.pieces})
    places = {place: new for new, place in enumerate(used)}

    def moved(_place: int, request: TracedRequest) -> TracedRequest:
        turns = tuple(replace(turn, pieces=tuple(places[p] for p in turn.pieces)) for turn in request.turns)
        return replace(request, turns=turns)

    return replace(trace, run=_each_request(trace.run, moved), pieces=tuple(trace.pieces[place] for place in used))


def _ends_only(trace: Trace, most: int) -> Trace:
    """Of many requests the first and the last, of the system and of every member; texts that are not used go too."""
    run = _thin(trace.run, most)
    kept = replace(trace, run=run)
    counts = [sum(r.kind != "Rank" for one in whole.runs() for _, r in one.requests) for whole in (trace, kept)]
    return _only_used(replace(kept, left_out=trace.left_out + counts[0] - counts[1]))


def _thin(run: TracedRun, most: int) -> TracedRun:
    rounds = [replace(made, requests=_thin_round(made.requests, most)) for made in _ends(run.rounds, most)]
    return replace(run, rounds=tuple(rounds), steps=_ends(run.steps, most))


def _thin_round(requests: tuple[TracedRequest, ...], most: int) -> tuple[TracedRequest, ...]:
    return tuple(
        request if request.run is None else replace(request, run=_thin(request.run, most))
        for request in _ends(requests, most)
    )


def _ends(items: tuple[T, ...], most: int) -> tuple[T, ...]:
    return items if len(items) <= most else (*items[: most // 2], *items[-(most // 2) :])


def _bare(trace: Trace, chars: int) -> Trace:
    return _few_prompts(_texts_cut(trace, chars))


SHORTENED: tuple[Callable[[Trace], Trace], ...] = (
    lambda trace: _texts_cut(trace, TEXTS[0]),
    lambda trace: _texts_cut(trace, TEXTS[1]),
    lambda trace: _bare(trace, TEXTS[1]),
    lambda trace: _bare(trace, TEXTS[2]),
    lambda trace: _ends_only(_bare(trace, TEXTS[2]), ENDS[0]),
    lambda trace: _ends_only(_bare(trace, TEXTS[2]), ENDS[1]),
    lambda trace: _ends_only(_bare(trace, TEXTS[2]), ENDS[2]),
)
