"""What models did not see: tokens of documents that were cut away."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import Results
from core.services.benchmarks.views import Row as SystemRow
from pages._ui.benchmark.result_tables import short
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import Row, forest
from pages._ui.colours import colour
from pages._ui.escape import code
from pages._ui.theme import PLOT
from pages._ui.wording import Table, listed


def cut(_: App, results: Results) -> None:
    """Who sees everything, shares of shortened documents of the others, and the table."""
    st.subheader("What the models did not see", anchor=False)
    whole = [code(row.spec) for row in results.rows if row.cut_documents == 0]
    if whole:
        st.markdown(f"Nothing is cut for {listed(whole)}.")
    touched = sorted((row for row in results.rows if row.cut_documents > 0), key=lambda row: -row.cut_documents)
    if touched:
        figure = forest([_bar(row) for row in touched], title="share of documents that were shortened", middle=None)
        figure.update_xaxes(tickformat=".0%", rangemode="tozero")
        st.plotly_chart(figure, config=PLOT, key="cut", alt="Share of documents that were shortened, by system")
    table = cut_table(results)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            "Documents shortened": st.column_config.TextColumn(alignment="right"),
            "Tokens cut per query": st.column_config.NumberColumn(format="localized"),
            "Prompt tokens per query": st.column_config.NumberColumn(format="localized"),
        },
    )
    explained(
        "Documents are shortened where a model's input limit is too small; queries and instructions never are. A "
        "system that does not see the ends of documents may do worse on longer ones.",
        table,
        "tokens cut",
    )


def cut_table(results: Results) -> Table:
    """A line per system."""
    return {
        "System": [row.spec for row in results.rows],
        "Documents shortened": [f"{row.cut_documents:.1%}" for row in results.rows],
        "Tokens cut per query": [short(row.tokens_cut) for row in results.rows],
        "Prompt tokens per query": [round(row.prompt_tokens) for row in results.rows],
    }


def _bar(row: SystemRow) -> Row:
    shortened, tokens = f"{row.cut_documents:.1%} of documents shortened", f"{row.tokens_cut:,.0f} tokens cut"
    return Row(
        name=row.spec,
        value=row.cut_documents,
        low=None,
        high=None,
        colour=colour(row.spec),
        hover=(row.spec, shortened, tokens),
        beside=f"{row.cut_documents:.0%}",
    )
