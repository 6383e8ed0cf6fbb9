"""Several benchmarks and measures as one order."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.services.benchmarks.views import Results
from pages._ui.board.board_combination import drawn
from pages._ui.escape import plain
from pages._ui.urlstate import remember


def several(app: App, results: Results) -> None:
    """Choose benchmarks and measures, see the order that they make by Borda and by Kemeny."""
    st.subheader("Several collections and measures as one order", anchor=False)
    known = {plan.id: plan for plan in app.benchmarks.all()}
    plans = _several("Benchmarks", known, "plans", [results.plan.id], known)
    offered = dict.fromkeys(measure for id in plans for measure in known[id].measures)
    measures = _several("Measures", dict.fromkeys(offered, None), "measures", list(results.plan.measures[:2]), {})
    found = app.results.combined([known[id] for id in plans], measures)
    st.markdown(plain(found.sentence))
    for why in found.left_out:
        st.caption(plain(why))
    if found.borda:
        drawn(found)


def _several(
    label: str,
    offered: dict[str, None] | dict[str, BenchmarkPlan],
    name: str,
    first: list[str],
    plans: dict[str, BenchmarkPlan],
) -> list[str]:
    """Some of the options, in the URL as ``name``."""
    key = f"choice_{name}"
    held = st.session_state.get(key) or [one for one in st.query_params.get_all(name) if one in offered] or first
    st.session_state[key] = [one for one in held if one in offered]
    chosen = st.multiselect(label, list(offered), key=key, format_func=lambda id: plans[id].name if id in plans else id)
    remember(name, chosen)
    return chosen
