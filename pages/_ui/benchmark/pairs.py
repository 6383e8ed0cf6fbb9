"""Pairs of systems: how large the difference is, whether it is real, and how many queries it would take."""

from __future__ import annotations

import math
from dataclasses import fields

import streamlit as st

from core.bootstrap import App
from core.measures.significance.findings import Correction, PairFinding, Significance
from core.services.benchmarks.views import Results
from pages._ui.benchmark.benchmark_words import signed
from pages._ui.benchmark.measure_choice import compared_measure
from pages._ui.board.chart_data import explained
from pages._ui.charts import square_map
from pages._ui.escape import plain
from pages._ui.theme import PLOT, ink
from pages._ui.wording import UNKNOWN, Table, counted

Square = tuple[list[list[float | None]], list[list[str]], list[list[str]]]  # values, texts of cells, longer texts


def pairs(_: App, results: Results) -> None:
    """The heat map and every figure of each pair."""
    st.subheader("Differences between systems", anchor=False)
    measure = compared_measure(results)
    found = results.significance[measure]
    values, texts, hovers = difference_square(found)
    most = max((abs(pair.difference) for pair in found.pairs), default=0.0) or 1.0
    figure = square_map(found.names, values, texts, low=-most, high=most, hovers=hovers, ink=ink(), balanced=True)
    st.plotly_chart(figure, config=PLOT, key="differences_map", alt=f"Differences in {measure} of every pair")
    st.dataframe(pair_table(found), hide_index=True, width="stretch", placeholder=UNKNOWN, column_config=_columns())
    explained(
        f"Row minus column in {plain(measure)}; teal: the row is better. An asterisk: significant at "
        f"{1 - found.level:.0%} over all pairs together. Paired over {counted(found.n, 'query', 'queries')}.",
        pair_table(found, full=True),
        f"pairs {measure}",
    )


def difference_square(found: Significance) -> Square:
    """Differences, the same as text with an asterisk where significant, and all that is known of the pair."""
    size = len(found.names)
    values: list[list[float | None]] = [[None] * size for _ in range(size)]
    texts = [[""] * size for _ in range(size)]
    hovers = [[""] * size for _ in range(size)]
    for pair in found.pairs:
        for row, column, sign in ((pair.first, pair.second, 1), (pair.second, pair.first, -1)):
            values[row][column] = sign * pair.difference
            texts[row][column] = f"{signed(sign * pair.difference)}{'*' if pair.significant else ''}"
            hovers[row][column] = _hover(found, pair, row, column, sign)
    return values, texts, hovers


def _hover(found: Significance, pair: PairFinding, row: int, column: int, sign: int) -> str:
    low, high = sorted((sign * pair.low, sign * pair.high))
    wins, losses = (pair.wins, pair.losses) if sign > 0 else (pair.losses, pair.wins)
    between = f"{signed(sign * pair.difference)} ({signed(low)} to {signed(high)})"
    return (
        f"{found.names[row]} minus {found.names[column]}: {between}, "
        f"p {probability(adjusted(found, pair))}, better on {wins}, equal on {pair.ties}, worse on {losses}"
    )


def adjusted(found: Significance, pair: PairFinding) -> float:
    """The p value by the correction that was asked for."""
    by = {Correction.HOLM: pair.holm_randomisation, Correction.TUKEY: pair.p_tukey}
    return by.get(found.correction, pair.p_randomisation)


def probability(value: float) -> str:
    """``0.012``, or that it is below a thousandth."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def difference_said(pair: PairFinding) -> str:
    """``+0.031 (+0.010 to +0.052)``; the difference alone where one query gives no interval."""
    if not math.isfinite(pair.low):
        return signed(pair.difference)
    return f"{signed(pair.difference)} ({signed(pair.low)} to {signed(pair.high)})"


def pair_table(found: Significance, *, full: bool = False) -> Table:
    """Every pair, the surest difference first; ``full`` has both intervals and every test, unrounded."""
    ordered = sorted(found.pairs, key=lambda pair: (adjusted(found, pair), -abs(pair.difference)))
    names = found.names
    table: Table = {
        "One": [names[pair.first] for pair in ordered],
        "Another": [names[pair.second] for pair in ordered],
    }
    if not full:
        return {
            **table,
            "Difference": [difference_said(pair) for pair in ordered],
            "p": [probability(adjusted(found, pair)) for pair in ordered],
            "Real": ["yes" if pair.significant else "not shown" for pair in ordered],
            "Effect": [None if pair.effect is None else round(pair.effect, 2) for pair in ordered],
            "Better": [pair.wins for pair in ordered],
            "Equal": [pair.ties for pair in ordered],
            "Worse": [pair.losses for pair in ordered],
            "Detectable": [round(p.detectable, 3) if math.isfinite(p.detectable) else None for p in ordered],
            "Queries needed": [pair.queries_needed for pair in ordered],
        }
    names = [field.name for field in fields(PairFinding) if field.name not in ("first", "second")]
    return {**table, **{name: [getattr(pair, name) for pair in ordered] for name in names}}


def _columns() -> dict[str, object]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "Difference": text(alignment="right", help="One minus another, with the 95 % t interval of this pair alone."),
        "p": text(alignment="right", help="By the paired randomisation test, corrected over all pairs."),
        "Real": text(help="Whether the difference is significant over all pairs together."),
        "Effect": number(format="%.2f", help="Mean difference over the standard deviation of the differences."),
        "Better": number(help="Queries on which one is better than the other."),
        "Detectable": number(format="%.3f", help="True difference found with 80 % probability by so many queries."),
        "Queries needed": number(
            format="localized",
            help="To find the observed difference with 80 % probability, were it the true one, by a test of this pair.",
        ),
    }
