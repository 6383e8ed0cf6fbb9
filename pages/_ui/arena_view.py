"""The two blind lists of a battle as one component: the query, ten rows a side, five shown at first.

What is sent to the browser is the query, titles, texts and ranks. No document id, score, system or battle id.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.services.arena import BattleView, Row
from pages._ui.files import asset
from pages._ui.wording import title_of

TEXT_LIMIT = 4000  # characters of a passage; a voter reads no more

_component = st.components.v2.component(
    "runoff_arena_view",
    html=asset("arena_view.html"),
    css=asset("arena_view.css"),
    js=asset("arena_view.js"),
)


def arena_view(battle: BattleView) -> None:
    """Draw the battle. The key stays the same for every battle, so that the next one is painted in place."""
    _component(data=view_data(battle), key="battle_lists")


def view_data(battle: BattleView) -> dict[str, object]:
    """What the component draws."""
    return {"query": battle.query, "left": _rows(battle.left), "right": _rows(battle.right)}


def _rows(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [
        {
            "rank": row.rank,
            "other": row.other_rank,
            "title": title_of(row.document),
            "text": row.document.text[:TEXT_LIMIT],
        }
        for row in rows
    ]
