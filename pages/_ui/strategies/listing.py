"""The strategies that match what is asked for, and which of them is open."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.services.strategies import Described
from pages._ui.urlstate import asked, remember

_ALL = "All families"
NAME = "strategy"
_TABLE = "strategy_table"


def matching(all_of_them: Sequence[Described]) -> list[Described]:
    """Search, family and what runs here narrow the list."""
    search, family, here = st.columns([3, 2, 2], vertical_alignment="bottom")
    words = search.text_input("Search", key="strategy_search", placeholder="pairwise, Qin, window ...").lower().split()
    families = list(dict.fromkeys(described.info.family for described in all_of_them))
    chosen = family.selectbox("Family", [_ALL, *families], key="strategy_family")
    only = here.toggle("Runs here", key="strategy_here", help="Leave out what needs weights that are not here.")
    return [
        described
        for described in all_of_them
        if chosen in (_ALL, described.info.family)
        and (described.runs or not only)
        and all(word in _text(described) for word in words)
    ]


def pick(found: Sequence[Described]) -> Described:
    """The table and the strategy that was ticked in it, else the one in the URL, else the first that runs here."""
    names = [described.info.name for described in found]
    state = st.dataframe(
        {
            "Strategy": [described.info.title for described in found],
            "Here": ["yes" if described.runs else "no" for described in found],
            "Calls": [described.info.about.cost or "not stated" for described in found],
            "Family": [described.info.family for described in found],
        },
        hide_index=True,
        width="stretch",
        height=_height(len(found)),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [_open_row(names, found)]}},
        key=f"{_TABLE}_{'-'.join(names)[:200]}",
    )
    rows = state["selection"]["rows"]
    chosen = found[rows[0]] if rows and rows[0] < len(found) else found[_open_row(names, found)]
    remember(NAME, chosen.info.name)
    return chosen


def _open_row(names: Sequence[str], found: Sequence[Described]) -> int:
    if asked(NAME) in names:
        return names.index(asked(NAME))
    return next((row for row, described in enumerate(found) if described.runs), 0)


def _text(described: Described) -> str:
    info = described.info
    return f"{info.name} {info.title} {info.family} {info.paper} {info.about.summary}".lower()


def _height(rows: int) -> int:
    """Pixels: the header and the rows, so many that on a phone the strategy below is in sight."""
    return min(38 + 35 * rows, 460)
