"""The stored trace of a real run as a drawing: which documents met, and in which order."""

from __future__ import annotations

import streamlit as st

from core.services.stored_traces import StoredTrace, stored_trace
from pages._ui import trace_figures
from pages._ui.escape import code, plain
from pages._ui.theme import PLOT, ink

_DRAWINGS = {"meetings": "Who met whom", "order": "How the order came about"}


def show_drawing(name: str) -> None:
    """The drawing of a strategy, or a line that says why there is none."""
    st.markdown("**How it goes**")
    stored = stored_trace(name)
    if stored is None:
        st.caption("No run of it comes along, since its weights do not. Run it, then open the trace of a ranking.")
        return
    figures = {
        "meetings": trace_figures.meetings_figure(stored.trace.run, stored.titles, ink()),
        "order": trace_figures.order_figure(stored.trace.run, stored.titles, ink()),
    }
    drawn = {kind: figure for kind, figure in figures.items() if figure is not None}
    if not drawn:
        st.caption("Its requests show no documents: it puts the rankings of other systems together.")
        return
    kinds = list(drawn)
    kind = kinds[0]
    if len(kinds) > 1:
        chosen = st.segmented_control(
            "Drawing", kinds, default=kinds[0], format_func=_DRAWINGS.__getitem__, key=f"drawing_{name}",
            label_visibility="collapsed", required=True,
        )  # fmt: skip
        kind = chosen or kinds[0]
    st.plotly_chart(
        drawn[kind], config=PLOT, key=f"trace_{name}_{kind}", alt=trace_figures.said(stored.trace.run, kind)
    )
    st.caption(f"{trace_figures.legend(stored.trace.run, kind)} {_made(stored)}")


def _made(stored: StoredTrace) -> str:
    count = len(stored.trace.run.candidates)
    return (
        f'A real run of {code(stored.spec)} for "{plain(stored.trace.query)}" over {count} passages of the sample '
        f"collection, {stored.made_on}."
    )
