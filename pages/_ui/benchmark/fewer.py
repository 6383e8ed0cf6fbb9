"""Whether fewer judgments would have said the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import LowCost, Results
from pages._ui.benchmark.low_cost_figure import low_cost_figure
from pages._ui.benchmark.measure_choice import compared_quality
from pages._ui.board.chart_data import explained
from pages._ui.theme import PLOT
from pages._ui.wording import Table, counted


def fewer(app: App, results: Results) -> None:
    """Significant pairs found again with a part of the judgments."""
    st.subheader("Would fewer judgments have said the same?", anchor=False)
    measure = compared_quality(results)
    if not measure:
        st.markdown("This plan has no measure of quality; Judged@k only says how much is judged.")
        return
    with st.spinner("Drawing parts of the judgments ..."):
        found = app.results.low_cost(results.plan, measure)
    if not found:
        st.markdown("There are too few judgments to leave some out.")
        return
    st.plotly_chart(low_cost_figure(found), config=PLOT, key="fewer", alt="What fewer judgments would have shown")
    table = low_cost_table(found)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            name: st.column_config.NumberColumn(format="percent" if name != "Kendall tau" else "%.2f")
            for name in table
            if name != "Draws"
        },
    )
    explained(
        f"Judgments are drawn at random, {counted(found[0].draws, 'time')} for each share. A rank correlation near 1 "
        "may still miss pairs that the full judgments tell apart: the share of significant pairs is what counts.",
        table,
        f"fewer judgments {measure}",
    )


def low_cost_table(found: Sequence[LowCost]) -> Table:
    """A line per share."""
    return {
        "Judgments kept": [one.share for one in found],
        "Significant pairs found": [one.found for one in found],
        "Found turned round": [one.reversed for one in found],
        "Found, not confirmed": [one.unconfirmed for one in found],
        "Kendall tau": [one.tau for one in found],
        "Draws": [one.draws for one in found],
    }
