"""What leaves this page: every value, the bundle and the report as files, and the question that comes next."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import Results
from pages._ui.board.chart_data import explained
from pages._ui.bundle_buttons import bundle_buttons
from pages._ui.navigation import DECIDE
from pages._ui.wording import Table


def take_along(app: App, results: Results) -> None:
    """Values of every query as CSV, the bundle, the report, and on to the decision."""
    st.subheader("Take along", anchor=False)
    if results.judged_queries and any(row.values for row in results.rows):
        explained(
            "Every measure of every system on every judged query, for tests of your own.",
            value_table(results),
            f"values {results.plan.name}",
        )
    bundle_buttons(app, results.plan)
    params = {"collection": app.collections.get(results.plan.collection).name, "plan": results.plan.id}
    st.page_link(DECIDE, label="Decide: which one for us?", icon=":material/balance:", query_params=params)


def value_table(results: Results) -> Table:
    """A line per system and judged query."""
    rows = [(row, query) for row in results.rows for query in results.judged_queries]
    measures = [measure for measure in results.plan.measures if any(measure in row.values for row in results.rows)]
    return {
        "System": [row.spec for row, _ in rows],
        "Query": [query for _, query in rows],
        **{measure: [row.values.get(measure, {}).get(query) for row, query in rows] for measure in measures},
    }
