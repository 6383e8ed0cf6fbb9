"""Scores of one system by relevance, and a threshold on them."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.benchmarks.views import Results, ScoreView, ThresholdPoint
from pages._ui.benchmark.measure_choice import one_system
from pages._ui.benchmark.score_figures import score_histogram, threshold_curves
from pages._ui.board.chart_data import explained
from pages._ui.theme import PLOT
from pages._ui.wording import Table, number


def scores(app: App, results: Results) -> None:
    """Histogram, threshold and what it would keep."""
    st.subheader("Scores and a threshold on them", anchor=False)
    system = one_system(results)
    view = app.results.scores(results.plan, system)
    if view is None:
        st.markdown("This system gives an order without scores, so there is nothing to put a threshold on.")
        return
    point = picked(view)
    if point is not None:
        figures(point)
    left, right = st.columns(2) if view.thresholds else (st.container(), None)
    with left:
        st.plotly_chart(
            score_histogram(view, None if point is None else point.threshold),
            config=PLOT,
            key="scores",
            alt="Scores of relevant, irrelevant and unjudged documents",
        )
    if right is not None and point is not None:
        with right:
            st.plotly_chart(
                threshold_curves(view, point.threshold), config=PLOT, key="curves", alt="Precision, recall and coverage"
            )
    explained(
        "Precision and recall count judged documents only. Scores of one system are not comparable with those of "
        "another, and often not between queries either: look at coverage before trusting a threshold.",
        threshold_table(view) if view.thresholds else histogram_table(view),
        "scores",
    )


def picked(view: ScoreView) -> ThresholdPoint | None:
    """The threshold on the slider; at first the one with the best balance of precision and recall."""
    if not view.thresholds:
        return None
    points = sorted(view.thresholds, key=lambda point: point.threshold)
    if len(points) == 1:
        return points[0]
    best = max(range(len(points)), key=lambda place: balance(points[place]))
    place = st.select_slider(
        "Show only documents that score at least",
        list(range(len(points))),
        value=best,
        format_func=lambda place: number(points[place].threshold),
        key=f"threshold_{view.system}",
    )
    return points[place]


def balance(point: ThresholdPoint) -> float:
    """F1: the harmonic mean of precision and recall."""
    total = point.precision + point.recall
    return 2 * point.precision * point.recall / total if total else 0.0


def figures(point: ThresholdPoint) -> None:
    """What would be kept at this threshold."""
    parts = (
        ("Precision", point.precision, "Of the judged documents that are kept, the share that is relevant."),
        ("Recall", point.recall, "Of the relevant candidates, the share that is kept."),
        ("Coverage", point.coverage, "Share of queries that keep at least one document."),
        ("Kept", point.kept, "Share of all candidates that is kept."),
    )
    for column, (label, value, help) in zip(st.columns(4), parts, strict=True):
        column.metric(label, f"{value:.0%}", help=help, border=True)


def threshold_table(view: ScoreView) -> Table:
    """A line per threshold."""
    points = view.thresholds
    return {
        "Threshold": [point.threshold for point in points],
        "Precision": [point.precision for point in points],
        "Recall": [point.recall for point in points],
        "Coverage": [point.coverage for point in points],
        "Kept": [point.kept for point in points],
    }


def histogram_table(view: ScoreView) -> Table:
    """A line per bin."""
    return {
        "From": list(view.edges[:-1]),
        "To": list(view.edges[1:]),
        "Relevant": list(view.relevant),
        "Irrelevant": list(view.irrelevant),
        "Unjudged": list(view.unjudged),
    }
