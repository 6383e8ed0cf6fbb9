"""What reranking 10, 20, 50 or 100 candidates buys, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.machines import short_machine
from core.services.benchmarks.views import Results, SweepPoint
from pages._ui.benchmark.measure_choice import valued_measure
from pages._ui.benchmark.result_tables import short
from pages._ui.benchmark.sweep_figures import by_system, latency_figure, sweep_figure
from pages._ui.board.chart_data import explained
from pages._ui.charts import interval
from pages._ui.theme import PLOT
from pages._ui.wording import UNKNOWN, Table


def sweep(app: App, results: Results) -> None:
    """Quality over depth beside latency over depth."""
    st.subheader("How many candidates are worth reranking", anchor=False)
    measure = valued_measure(results)
    points = app.results.sweep(results.plan, measure)
    if len({point.depth for point in points}) < 2:
        st.markdown("This plan reranks whole lists only. A plan with a depth sweep shows what fewer candidates give.")
        return
    probed = any(point.p95_ms is not None for point in points)
    left, right = st.columns(2) if probed else (st.container(), None)
    with left:
        st.plotly_chart(sweep_figure(points, measure), config=PLOT, key="sweep", alt=f"{measure} by depth")
    if right is not None:
        with right:
            st.plotly_chart(latency_figure(points), config=PLOT, key="sweep_ms", alt="p95 latency by depth")
    st.dataframe(
        sweep_table(points, measure),
        hide_index=True,
        width="stretch",
        placeholder=UNKNOWN,
        column_config={
            measure: st.column_config.TextColumn(alignment="right"),
            "Ceiling": st.column_config.NumberColumn(format="%.3f", help="What a perfect reranker would reach."),
            "p50 ms": st.column_config.NumberColumn(format="localized"),
            "p95 ms": st.column_config.NumberColumn(format="localized"),
        },
    )
    explained(
        "Documents beyond the depth keep their first-stage order below the reranked ones. The dashed line is what a "
        "perfect reranker of so many candidates would reach. Where a line is flat, more candidates buy nothing.",
        sweep_table(points, measure),
        f"depth sweep {measure}",
    )


def sweep_table(points: Sequence[SweepPoint], measure: str) -> Table:
    """A line per system and depth."""
    rows = [point for line in by_system(points).values() for point in line]
    table: Table = {
        "System": [point.system for point in rows],
        "Depth": [point.depth for point in rows],
        measure: [interval(point.mean, point.low, point.high, 3) for point in rows],
        "Ceiling": [round(point.ceiling, 4) for point in rows],
    }
    if any(point.p50_ms is not None for point in rows):
        table["p50 ms"] = [None if point.p50_ms is None else short(point.p50_ms) for point in rows]
        table["p95 ms"] = [None if point.p95_ms is None else short(point.p95_ms) for point in rows]
        table["Timed on"] = [short_machine(point.machine) for point in rows]
    return table
