"""The side-by-side view: one column per ranking, lines that join a document across columns, a document panel.

A component of its own, because texts of others must reach the page as text only, and because dozens of Streamlit
elements per ranking would neither be quick nor be one list to a screen reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.domain.documents import CandidateList
from core.domain.machines import short_machine
from core.domain.rankings import Ranking
from core.measures.terms import matching_spans
from core.services.playground import Column, Comparison
from pages._ui.colours import colour
from pages._ui.files import asset
from pages._ui.wording import number, title_of

Segment = tuple[str, int]

_component = st.components.v2.component(
    "runoff_ranking_view",
    html=asset("ranking_view.html"),
    css=asset("ranking_view.css"),
    js=asset("ranking_view.js"),
)


def ranking_view(
    comparison: Comparison, *, grades: bool, waiting: str, key: str, on_trace: Callable[[str], None]
) -> None:
    """Draw ``comparison``; ``grades`` shows relevance labels, ``waiting`` stands in columns that are not there yet.

    ``on_trace``: a callback for the action below a column, with the system's specification.
    """
    ranked = {column.system.spec for column in comparison.columns if column.ranking}

    def traced() -> None:
        spec = st.session_state[key].get("trace")
        if spec in ranked:  # a browser may send anything
            on_trace(spec)

    _component(data=view_data(comparison, grades=grades, waiting=waiting), key=key, on_trace_change=traced)


def view_data(comparison: Comparison, *, grades: bool, waiting: str) -> dict[str, object]:
    """What the component draws; documents are named by their first-stage position."""
    candidates = comparison.candidates
    columns = [_first_stage(comparison)]
    columns += [_column(column, candidates, waiting) for column in comparison.columns]
    return {
        "list": candidates.hash,
        "grades": grades,
        "documents": [_document(comparison, position) for position in range(len(candidates.documents))],
        "columns": columns,
    }


def segments(text: str, spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """``text`` in pieces, 1 where a span covers it and 0 elsewhere; characters, so that no language disagrees."""
    pieces: list[Segment] = []
    at = 0
    for start, end in spans:
        if start > at:
            pieces.append((text[at:start], 0))
        pieces.append((text[start:end], 1))
        at = end
    if at < len(text):
        pieces.append((text[at:], 0))
    return pieces


def _document(comparison: Comparison, position: int) -> dict[str, object]:
    document = comparison.candidates.documents[position]
    query = comparison.candidates.query.text
    return {
        "id": document.id,
        "title": title_of(document),
        "segments": segments(document.text, matching_spans(query, document.text, comparison.language)),
        "grade": comparison.labels.get(document.id),
    }


def _first_stage(comparison: Comparison) -> dict[str, object]:
    candidates = comparison.candidates
    scores = candidates.first_stage_scores
    rows = [
        {"doc": position, "score": number(scores[position]) if scores else None, "move": None, "cut": ""}
        for position in range(len(candidates.documents))
    ]
    name = f"Candidates ({candidates.first_stage})" if candidates.first_stage else "Candidates"
    note = _measure_note(comparison.first_stage_measures)
    head = {"name": name, "colour": colour("first-stage"), "note": note, "rows": rows, "message": ""}
    return {**head, "keep": None, "traced": False}


def _column(column: Column, candidates: CandidateList, waiting: str) -> dict[str, object]:
    spec = column.system.spec
    if column.ranking is None:
        message = f"Failed: {column.failure}" if column.failure else waiting
        head = {"name": spec, "colour": colour(spec), "note": "", "rows": [], "message": message}
        return {**head, "keep": None, "traced": False}
    rows = _rows(column.ranking, {id: position for position, id in enumerate(candidates.ids)})
    return {
        "name": spec,
        "colour": colour(spec),
        "note": ", ".join(
            part
            for part in (
                _measure_note(column.measures),
                keep_said(column.ranking),
                short_machine(column.ranking.machine),
            )
            if part
        ),
        "rows": rows,
        "message": "",
        "keep": column.ranking.keep,
        "traced": True,
    }


def keep_said(ranking: Ranking) -> str:
    """Where the strategy would cut the list, in words; empty where it does not say."""
    return "" if ranking.keep is None else f"{ranking.keep} of {len(ranking.order)} judged relevant"


def _rows(ranking: Ranking, positions: Mapping[str, int]) -> list[dict[str, object]]:
    cuts = {cut.document_id: f"{cut.kept:,} of {cut.tokens:,} tokens" for cut in ranking.cuts}
    scores = ranking.scores or (None,) * len(ranking.order)
    return [
        {
            "doc": positions[id],
            "score": None if score is None else number(score),
            "move": positions[id] - rank,
            "cut": cuts.get(id, ""),
        }
        for rank, (id, score) in enumerate(zip(ranking.order, scores, strict=True))
    ]


def _measure_note(measures: Mapping[str, float]) -> str:
    return f"nDCG@10 {measures['nDCG@10']:.2f}" if "nDCG@10" in measures else ""
