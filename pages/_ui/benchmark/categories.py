"""Which kind of query each system is good at."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import CategoryRow, Results
from pages._ui.benchmark.category_figure import category_figure
from pages._ui.benchmark.measure_choice import valued_measure
from pages._ui.benchmark.result_tables import mean
from pages._ui.board.chart_data import explained
from pages._ui.theme import PLOT
from pages._ui.wording import UNKNOWN, Table


def categories(app: App, results: Results) -> None:
    """Dots with intervals by category, and the table."""
    st.subheader("By category of query", anchor=False)
    measure = valued_measure(results)
    found = app.results.categories(results.plan, measure)
    if not found:
        st.markdown("The queries of this collection have no categories.")
        return
    systems = [row.spec for row in results.rows]
    st.plotly_chart(
        category_figure(found, systems, measure), config=PLOT, key="categories", alt=f"{measure} by category and system"
    )
    st.dataframe(
        category_table(found, systems),
        hide_index=True,
        width="stretch",
        placeholder=UNKNOWN,
        column_config={
            "Category": st.column_config.TextColumn(pinned=True),
            **{spec: st.column_config.TextColumn(alignment="right") for spec in systems},
        },
    )
    explained(
        "In brackets: judged queries. Few queries make wide intervals; a system that wins a category of a handful of "
        "queries has shown little.",
        category_table(found, systems),
        f"categories {measure}",
    )


def category_table(found: Sequence[CategoryRow], systems: Sequence[str]) -> Table:
    """A line per category, a column per system."""
    return {
        "Category": [row.category for row in found],
        "Queries": [row.queries for row in found],
        **{spec: [mean(row.cells.get(spec)) for row in found] for spec in systems},
    }
