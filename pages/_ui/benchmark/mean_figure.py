"""Means with their intervals, best on top, the baseline and what no reranker can pass as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.services.benchmarks.views import MeasureCell, Results
from pages._ui.benchmark.result_tables import letters_of, mean
from pages._ui.board.forest import Row, forest
from pages._ui.charts import interval
from pages._ui.colours import colour

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CEILING = "#d6457f"


def mean_figure(results: Results) -> Figure:
    """Of the first measure. A dotted line: the baseline; a dashed one: a perfect order of the same candidates."""
    letters = letters_of(results)
    shown = [(row.spec, cell) for row in results.rows if (cell := row.measures.get(results.measure)) is not None]
    rows = [_row(spec, cell, results.measure, letters.get(spec, "")) for spec, cell in shown]
    baseline = dict(shown).get(results.plan.baseline)
    figure = forest(
        rows,
        title=f"{results.measure}, mean and 95 % interval",
        middle=None if baseline is None else baseline.mean,
        beside="group" if letters else "",
    )
    if results.measure_ceiling is not None:
        figure.add_vline(x=results.measure_ceiling, line={"color": CEILING, "width": 1.5, "dash": "dash"})
    return figure


def _row(spec: str, cell: MeasureCell, measure: str, letters: str) -> Row:
    lines = [spec, f"{measure} {interval(cell.mean, cell.low, cell.high, 3)}"]
    if cell.worst is not None and cell.best is not None:
        lines.append(f"unjudged documents could make it {cell.worst:.3f} to {cell.best:.3f}")
    if letters:
        lines.append(f"group {letters}")
    return Row(
        name=spec,
        value=cell.mean,
        low=cell.low,
        high=cell.high,
        colour=colour(spec),
        hover=tuple(lines),
        beside=letters,
    )


def lines_said(results: Results) -> str:
    """What the two lines are, with their figures."""
    parts = []
    baseline = next((row for row in results.rows if row.spec == results.plan.baseline), None)
    if baseline is not None and (cell := baseline.measures.get(results.measure)) is not None:
        parts.append(f"Dotted line: the baseline {baseline.spec}, {mean(cell)}.")
    if results.measure_ceiling is not None:
        parts.append(
            f"Dashed line: {results.measure_ceiling:.3f}, what a perfect reranker would reach with these candidates."
        )
    return " ".join(parts)
