"""From any point of a benchmark to its query in the Playground, with the same candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from pages._ui.candidate_choice import NAME, is_usual
from pages._ui.navigation import PLAYGROUND

_OPENED = "queries_opened"
LinkParams = dict[str, str | list[str]]


def link_params(app: App, plan: BenchmarkPlan, query: str, systems: Sequence[str]) -> LinkParams:
    """What the Playground reads from its address; as many systems as it takes.

    What it would show anyway is left out: an address that it corrects is one more step back for the reader.
    """
    params: LinkParams = {
        "collection": app.collections.get(plan.collection).name,
        "query": query,
        "system": list(dict.fromkeys(systems))[: app.settings.limits.max_systems],
    }
    if not is_usual(app, plan.collection, plan.first_stage):
        params[NAME] = plan.first_stage.set_name
    return {**params, "category": plan.category} if plan.category else params


def open_query(app: App, plan: BenchmarkPlan, query: str, systems: Sequence[str]) -> None:
    """Go there now."""
    st.session_state[_OPENED] = st.session_state.get(_OPENED, 0) + 1
    st.switch_page(PLAYGROUND, query_params=link_params(app, plan, query, systems))


def clickable(name: str) -> str:
    """The key of a chart or table whose clicks open queries. Another one after each: a browser that comes back still
    holds the click, which would lead away again."""
    return f"{name}_{st.session_state.get(_OPENED, 0)}"


def clicked_point(state: object) -> int | None:
    """The number of the point that was clicked in a chart of one trace, or None."""
    points = state.get("selection", {}).get("points", []) if isinstance(state, Mapping) else []
    return int(points[0]["point_index"]) if points else None


def clicked_row(state: object) -> int | None:
    """The number of the row that was ticked in a table, or None."""
    rows = state.get("selection", {}).get("rows", []) if isinstance(state, Mapping) else []
    return int(rows[0]) if rows else None
