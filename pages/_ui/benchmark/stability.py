"""Whether orders hang on the order of the input, and whether a repetition gives the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import Results, Stability
from pages._ui.board.chart_data import explained
from pages._ui.wording import UNKNOWN, Table, counted


def stability(app: App, results: Results) -> None:
    """A line per system."""
    st.subheader("Stability", anchor=False)
    found = app.results.stability(results.plan)
    shuffled = max((one.lists for one in found), default=0)
    if shuffled:
        st.markdown(f"Shuffled input: {counted(shuffled, 'list')} ranked again in another order for each system.")
    else:
        st.markdown("This plan shuffles no input. A plan with shuffled copies shows whether the input order matters.")
    st.dataframe(
        stability_table(found, results.measure),
        hide_index=True,
        width="stretch",
        placeholder=UNKNOWN,
        column_config={
            "Kendall tau": st.column_config.NumberColumn(
                format="%.3f", help="Between the order of the list as it is and of its shuffled copy: 1 is the same."
            ),
            "Overlap of the first ten": st.column_config.NumberColumn(format="percent"),
            f"{results.measure} moves by": st.column_config.NumberColumn(
                format="%.3f", help="Mean absolute change per query."
            ),
            "Repeated alike": st.column_config.NumberColumn(
                format="percent", help="Share of probed queries with the same order as the stored ranking."
            ),
        },
    )
    explained(
        "An order that changes with the order of the input is partly the first stage's. Ties are broken by the input "
        "order, so a system with many equal scores moves as well.",
        stability_table(found, results.measure),
        "stability",
    )


def stability_table(found: Sequence[Stability], measure: str) -> Table:
    """A line per system; columns that say nothing are left out."""
    table: Table = {"System": [one.system for one in found]}
    if any(one.lists for one in found):
        table["Lists"] = [one.lists for one in found]
        table["Kendall tau"] = [one.tau for one in found]
        table["Overlap of the first ten"] = [one.top for one in found]
    if any(one.moved is not None for one in found):
        table[f"{measure} moves by"] = [one.moved for one in found]
    table["Repeated alike"] = [one.repeated for one in found]
    return table
