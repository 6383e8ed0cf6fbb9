"""The queries on which the systems differ most."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import Disagreement, Results
from pages._ui.benchmark.measure_choice import valued_measure
from pages._ui.benchmark.query_link import clickable, clicked_row, open_query
from pages._ui.board.chart_data import explained
from pages._ui.wording import Table

SHOWN = 100


def disagreements(app: App, results: Results) -> None:
    """A table, most disputed first; a ticked row opens the query in the Playground."""
    st.subheader("Where systems disagree most", anchor=False)
    measure = valued_measure(results) if results.judged_queries else results.measure
    found = app.results.disagreements(results.plan, measure)
    shown = found[:SHOWN]
    row = st.dataframe(
        disagreement_table(shown, measure),
        hide_index=True,
        width="stretch",
        key=clickable("disagreement_rows"),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Query": st.column_config.TextColumn(width="large"),
            f"Spread of {measure}": st.column_config.NumberColumn(
                format="%.3f", help="Standard deviation over the systems."
            ),
            "Overlap": st.column_config.NumberColumn(
                format="%.3f", help="Mean rank-biased overlap of all pairs of systems: 1 is the same order."
            ),
        },
    )
    explained(
        f"Tick a row and the query opens in the Playground. {_left_out(len(found))}"
        "A low overlap without a spread: the orders differ, but not in what is known to be relevant.",
        disagreement_table(found, measure),
        "disagreements of systems",
    )
    picked = clicked_row(row)
    if picked is not None and picked < len(shown):
        one = shown[picked]
        open_query(app, results.plan, one.query_id, [*one.best, *one.worst, *(row.spec for row in results.rows)])


def _left_out(count: int) -> str:
    return f"The first {SHOWN} of {count:,} queries are shown. " if count > SHOWN else ""


def disagreement_table(found: Sequence[Disagreement], measure: str) -> Table:
    """A line per query."""
    table: Table = {"Query": [one.text for one in found]}
    if any(one.category for one in found):
        table["Category"] = [one.category for one in found]
    if any(one.spread for one in found):
        table[f"Spread of {measure}"] = [round(one.spread, 4) for one in found]
    table["Overlap"] = [round(one.overlap, 4) for one in found]
    if any(one.best for one in found):
        table["Best"] = [", ".join(one.best) for one in found]
        table["Worst"] = [", ".join(one.worst) for one in found]
    return {**table, "Id": [one.query_id for one in found]}
