"""The blind lists of a battle as one component: the query, the rows, and what a voter may add to a vote.

What is sent to the browser is the query, titles, texts and their order, and the digest that names the turn. No
document id, score, system, team or battle id.

Not in a fragment: Streamlit sends what changes within one tick as one batch with one fragment's id, so a mark and a
vote in the same instant ran the fragment alone and left the old battle on the page.
"""

from __future__ import annotations

import streamlit as st

from core.domain.documents import Document
from core.domain.voting import BattleForm, Reason
from core.services.battles.battle_views import BattleView, Row
from pages._ui.arena.arena_said import KEY, Paper, said
from pages._ui.files import asset
from pages._ui.wording import title_of

TEXT_LIMIT = 4000  # characters of a passage; a voter reads no more

_ASKED = {
    BattleForm.SIDE_BY_SIDE: "Which list serves this need better?",
    BattleForm.INTERLEAVED: "Which of these passages serve this need?",
    BattleForm.BEST_TO_WORST: "Put these lists in order, best first. Two may share a place.",
}
_REASONS = {
    Reason.TOP: "Relevance at the top",
    Reason.MISSING: "Missing answer",
    Reason.DUPLICATES: "Duplicates",
    Reason.ORDER: "Order",
}
_component = st.components.v2.component(
    "runoff_arena_view",
    html=asset("arena_view.html"),
    css=asset("arena_view.css"),
    js="\n".join(asset(name) for name in ("arena_rows.js", "arena_places.js", "arena_view.js")),
)


def arena_view(battle: BattleView) -> None:
    """Draw the battle. The key stays the same for every battle, so that the next one is painted in place."""
    _component(data=view_data(battle), key=KEY, on_said_change=_noted)


def ready(battle: BattleView) -> bool:
    """Whether enough was said in the lists: a place for each, or a useful passage; side by side always."""
    done = said(paper(battle))
    if battle.form is BattleForm.BEST_TO_WORST:
        return bool(done.order)
    return battle.form is BattleForm.SIDE_BY_SIDE or any(mark.useful for mark in done.marks)


def paper(battle: BattleView) -> Paper:
    """What the voter's answers will be read with."""
    return Paper(
        battle=battle.id,
        documents=tuple(_documents(battle)),
        slots=len(battle.lists),
        reasons=() if battle.form is BattleForm.INTERLEAVED else battle.reasons,
    )


def view_data(battle: BattleView) -> dict[str, object]:
    """What the component draws: the distinct documents, and every list as positions among them."""
    documents = _documents(battle)
    positions = {id: position for position, id in enumerate(documents)}
    held = paper(battle)
    return {
        "turn": held.turn,
        "form": str(battle.form),
        "ask": _ASKED[battle.form],
        "query": battle.query,
        "documents": [
            {"title": title_of(document), "text": document.text[:TEXT_LIMIT]} for document in documents.values()
        ],
        "lists": [[positions[row.document.id] for row in rows] for rows in _lists(battle)],
        "reasons": [{"name": str(reason), "label": _REASONS[reason]} for reason in held.reasons],
    }


def _lists(battle: BattleView) -> list[tuple[Row, ...]]:
    return [battle.merged] if battle.form is BattleForm.INTERLEAVED else list(battle.lists)


def _documents(battle: BattleView) -> dict[str, Document]:
    return {row.document.id: row.document for rows in _lists(battle) for row in rows}


def _noted() -> None:
    """Streamlit keeps a state that somebody listens to; it is read when the vote comes."""
