"""Two systems query by query; a click on a bar, a point or a row opens the query in the Playground."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import QueryDifference, Results
from pages._ui.benchmark.benchmark_words import signed
from pages._ui.benchmark.difference_figures import difference_bars, difference_scatter
from pages._ui.benchmark.measure_choice import compared_measure, two_systems
from pages._ui.benchmark.query_link import clickable, clicked_point, clicked_row, open_query
from pages._ui.board.chart_data import explained
from pages._ui.escape import code, plain
from pages._ui.theme import PLOT
from pages._ui.wording import Table, counted

KEY = "differences"


def differences(app: App, results: Results) -> None:
    """Counts, sorted bars, one against the other, and the table."""
    st.subheader("Query by query", anchor=False)
    measure = compared_measure(results)
    first, second = two_systems(results)
    found = app.results.differences(results.plan, first, second, measure)
    st.markdown(said(found, first, second, measure))
    clicks = charts(found, first, second, measure)
    table = difference_table(found, first, second)
    row = st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=280,
        key=clickable(f"{KEY}_rows"),
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(first, second),
    )
    explained(
        "Click a bar or a point, or tick a row, and the query opens in the Playground with both systems. Colours: the "
        "system that is better there.",
        table,
        f"differences {measure}",
    )
    for picked in (*clicks, clicked_row(row)):
        if picked is not None and picked < len(found):
            open_query(app, results.plan, found[picked].query_id, [first, second])


def charts(found: Sequence[QueryDifference], first: str, second: str, measure: str) -> tuple[int | None, int | None]:
    """Both charts; the number of the query that was clicked in each."""
    left, right = st.columns([3, 2])
    with left:
        bar = st.plotly_chart(
            difference_bars(found, first, second, measure),
            config=PLOT,
            key=clickable(f"{KEY}_bars"),
            on_select="rerun",
            selection_mode="points",
            alt=f"Difference in {measure} of each query, sorted",
        )
    with right:
        point = st.plotly_chart(
            difference_scatter(found, first, second, measure),
            config=PLOT,
            key=clickable(f"{KEY}_points"),
            on_select="rerun",
            selection_mode="points",
            alt=f"{measure} of each query by one system against the other",
        )
    return clicked_point(bar), clicked_point(point)


def said(found: Sequence[QueryDifference], first: str, second: str, measure: str) -> str:
    """Wins, ties and losses in words, in Markdown."""
    wins = sum(one.difference > 0 for one in found)
    losses = sum(one.difference < 0 for one in found)
    mean = sum(one.difference for one in found) / len(found) if found else 0.0
    return (
        f"{code(first)} is better on **{wins:,}**, equal on **{len(found) - wins - losses:,}** and worse on "
        f"**{losses:,}** of {counted(len(found), 'query', 'queries')} than {code(second)}; on average "
        f"**{signed(mean)}** {plain(measure)}."
    )


def difference_table(found: Sequence[QueryDifference], first: str, second: str) -> Table:
    """A line per query, in the order of the bars."""
    table: Table = {"Query": [one.text for one in found]}
    if any(one.category for one in found):
        table["Category"] = [one.category for one in found]
    return {
        **table,
        first: [round(one.first, 4) for one in found],
        second: [round(one.second, 4) for one in found],
        "Difference": [round(one.difference, 4) for one in found],
        "Id": [one.query_id for one in found],
    }


def _columns(first: str, second: str) -> dict[str, object]:
    number = st.column_config.NumberColumn
    return {
        "Query": st.column_config.TextColumn(width="large"),
        **{name: number(format="%.3f") for name in (first, second)},
        "Difference": number(format="%+.3f"),
    }
