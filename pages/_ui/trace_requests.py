"""The requests of a trace as a list: filtered and paged here, so that a browser gets one page of them and its texts.

A component of its own, because prompts and answers are texts of others and must reach the page as text only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from core.domain.requests import Wanted
from core.domain.traces import Trace, TracedAnswer, TracedRequest, TracedRound, TracedRun
from core.services.trace_reading import Move, moves, verdict
from pages._ui.files import asset
from pages._ui.wording import counted, number

PAGE = 40  # requests in view
MOST_MOVES = 6  # of a step that are named
MOST_CUTS = 8

_component = st.components.v2.component(
    "runoff_trace_view",
    html=asset("trace_view.html"),
    css=asset("trace_view.css"),
    js=asset("trace_view.js"),
)

Asked = tuple[TracedRound, TracedRequest]
_WANTED = {
    "order": "an order of all documents, best first",
    "worst-first": "an order of all documents, worst first",
    "best": "the best document",
    "worst": "the worst document",
    "grades": "a grade for every document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A run whose requests are listed. ``titles``: document id to title."""

    trace: Trace
    run: TracedRun
    titles: Mapping[str, str]

    def title(self, id: str) -> str:
        """The title of a document, else its id."""
        return self.titles.get(id, id)


def matching(run: TracedRun, *, document: str = "", incomplete: bool = False) -> list[Asked]:
    """Requests that show the document and, on demand, whose answer lacks something that was wanted."""
    return [
        (made, request)
        for made, request in run.requests
        if (not document or document in request.documents) and (not incomplete or verdict(request).complete is False)
    ]


def show_requests(shown: Shown, page: Sequence[Asked], key: str) -> None:
    """Draw one page of requests."""
    _component(data=view_data(shown, page), key=key)


def view_data(shown: Shown, page: Sequence[Asked]) -> dict[str, object]:
    """What the component draws: rounds with their requests and what the strategy made of them, and the texts."""
    used = sorted({place for _, request in page for turn in request.turns for place in turn.pieces})
    places = {place: new for new, place in enumerate(used)}
    changed: dict[int, list[dict[str, object]]] = {}
    for step, moved in zip(shown.run.steps, moves(shown.run), strict=True):
        changed.setdefault(step.round, []).append({"note": step.note, "moves": _moves(shown, moved)})
    rounds = []
    for made, requests in groupby(page, key=lambda asked: asked[0]):
        rounds.append(
            {
                "number": made.number,
                "asked": counted(made.asked, "request"),
                "steps": changed.get(made.number, []),
                "requests": [_request(shown, request, places) for _, request in requests],
            }
        )
    return {"rounds": rounds, "pieces": [_piece(shown, place) for place in used]}


def _piece(shown: Shown, place: int) -> dict[str, object]:
    piece = shown.trace.pieces[place]
    return {"text": piece.text, "kind": piece.kind, "id": piece.document or ""}


def _moves(shown: Shown, moved: Sequence[Move]) -> list[dict[str, object]]:
    """The largest moves first, then how many more there are."""
    largest = sorted(moved, key=lambda move: -abs(move.before - move.after))
    told: list[dict[str, object]] = [
        {"title": shown.title(move.document), "before": move.before, "after": move.after}
        for move in largest[:MOST_MOVES]
    ]
    left = len(moved) - len(told)
    return [*told, {"title": f"and {counted(left, 'other')}", "before": 0, "after": 0}] if left > 0 else told


def _request(shown: Shown, request: TracedRequest, places: Mapping[int, int]) -> dict[str, object]:
    read = verdict(request)
    cuts = {cut.document_id: f"read {cut.kept:,} of {cut.tokens:,} tokens" for cut in request.cuts}
    return {
        "number": request.number,
        "kind": request.kind,
        "documents": [shown.title(id) for id in request.documents],
        "winners": [shown.title(id) for id in read.winners if len(request.documents) > 1],
        "losers": [shown.title(id) for id in read.losers],
        "answer": " ".join(short_answer(request).split()),
        "incomplete": read.complete is False,
        "facts": list(_facts(request)),
        "cuts": cuts,
        "turns": [{"role": turn.role, "pieces": [places[place] for place in turn.pieces]} for turn in request.turns],
        "wanted": wanted_said(request.wanted) if request.wanted else "",
        "text": request.answer.text,
        "finished": request.answer.finished,
        "rows": _rows(shown, request),
        "note": request.answer.note,
        "odds": [
            {"token": token.text, "top": [[text, _share(value)] for text, value in token.top]}
            for token in request.answer.tokens
            if len(token.top) > 1
        ],
        "order": [shown.title(id) for id in read.order] if len(request.documents) > 1 else [],
    }


def _facts(request: TracedRequest) -> Iterator[str]:
    """One line of small print: what was asked of whom, at which cost."""
    if request.model:
        yield request.model if request.slot in ("", "model") else f"{request.slot}: {request.model}"
    if request.settings:
        yield request.settings
    if request.member:
        yield "what the member did is in its own list" if request.run is not None else "told elsewhere in this trace"
        return
    yield f"{counted(request.prompt_tokens, 'token')} read"
    if request.generated_tokens:
        yield f"{request.generated_tokens:,} written"
    yield "from the cache" if request.cached else "computed now"
    if request.cuts:
        yield f"{counted(len(request.cuts), 'document')} cut to fit"


def wanted_said(wanted: Wanted) -> str:
    """What was wanted of a text, in words; empty where it was nothing in particular."""
    if wanted.kind == "top":
        return "the best document" if wanted.count == 1 else f"the best {wanted.count} documents"
    if wanted.kind == "grade":
        return f"a grade from 0 to {wanted.scale}"
    return _WANTED.get(wanted.kind, "")


def short_answer(request: TracedRequest) -> str:
    """An answer in a few words, for the line of its request."""
    answer = request.answer
    if answer.text is not None:
        return answer.text if len(answer.text) <= 120 else f"{answer.text[:119]}…"
    if answer.labels:
        return _labels_said(request)
    if answer.scores and len(answer.scores) == 1:
        return f"{answer.unit} {number(answer.scores[0])}"
    if answer.scores:
        return f"{counted(len(answer.scores), answer.unit)}"
    if answer.shape is not None:
        return f"{' by '.join(map(str, answer.shape))} numbers"
    return answer.note or ("an order" if answer.order else "")


def _labels_said(request: TracedRequest) -> str:
    """``yes 23.0 %, no 77.0 %`` of one document, its expected grade, or every label of a few documents."""
    answer, read = request.answer, verdict(request)
    if read.complete is False:
        return "no label came back"
    names = list(dict.fromkeys(label.strip() for label, _ in answer.labels))
    if len(request.documents) == 1 and answer.unit == "probability":
        (value,) = read.values.values()
        graded = len(names) > 2 and all(name.isascii() and name.isdigit() for name in names)
        if graded:
            return f"expected grade {number(value)}"
        others = [name for name in dict.fromkeys(map(str.casefold, names)) if name != names[0].casefold()]
        return ", ".join(
            [f"{names[0]} {_share(value)}", *([f"{'/'.join(others)} {_share(1 - value)}"] if others else [])]
        )
    known = [(label.strip(), value) for label, value in answer.labels if value is not None]
    largest = sorted({name: max(v for n, v in known if n == name) for name, _ in known}.items(), key=lambda p: -p[1])
    return ", ".join(f"{name} {_value(value, answer)}" for name, value in largest[:3])


def _rows(shown: Shown, request: TracedRequest) -> list[list[str]]:
    """Labels or scores, one per line."""
    answer = request.answer
    if answer.labels:
        return [[repr(label), "not returned" if v is None else _value(v, answer)] for label, v in answer.labels]
    if answer.scores and len(answer.scores) == len(request.documents):
        return [[shown.title(id), number(v)] for id, v in zip(request.documents, answer.scores, strict=True)]
    if answer.scores:
        return [[answer.unit, number(value)] for value in answer.scores]
    return []


def _value(value: float, answer: TracedAnswer) -> str:
    return number(value) if answer.unit == "logit" else _share(value)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if value >= 0.001 else "< 0.1 %"
