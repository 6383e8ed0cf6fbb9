"""Which measure and which systems a section shows; in the URL."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.services.benchmarks.views import Results
from pages._ui.urlstate import choose, switch


def compared_measure(results: Results) -> str:
    """One of the measures of the plan that were compared; the first without asking where there is no other."""
    return _among([measure for measure in results.plan.measures if measure in results.significance])


def compared_quality(results: Results) -> str:
    """The same without Judged@k, which says how much is judged, not how good an order is; empty where no other is."""
    offered = qualities(results)
    return _among(offered) if offered else ""


def qualities(results: Results) -> list[str]:
    """Compared measures of quality."""
    return [one for one in results.plan.measures if one in results.significance and not one.startswith("Judged")]


def valued_measure(results: Results) -> str:
    """One of the measures of the plan that some system has; the first of the plan where nothing is judged."""
    valued = [measure for measure in results.plan.measures if any(measure in row.measures for row in results.rows)]
    return _among(valued or results.plan.measures[:1])


def _among(offered: Sequence[str]) -> str:
    return switch("Measure", offered, name="measure", keep=True) if len(offered) > 1 else offered[0]


def two_systems(results: Results) -> tuple[str, str]:
    """Two complete systems: first the best, then the baseline, unless that is the best."""
    specs = [row.spec for row in results.rows]
    left, right = st.columns(2)
    with left:
        first = choose("One system", specs, name="a", keep=True)
    others = [spec for spec in specs if spec != first]
    if results.plan.baseline in others:
        others = [results.plan.baseline, *(spec for spec in others if spec != results.plan.baseline)]
    with right:
        second = choose("Another", others, name="b", keep=True)
    return first, second


def one_system(results: Results) -> str:
    """One complete system."""
    narrow, _ = st.columns(2)
    with narrow:
        return choose("System", [row.spec for row in results.rows], name="of", keep=True)
