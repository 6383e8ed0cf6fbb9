"""Systems that gave the same values throughout, so that nobody takes two names of one order for two findings."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.first_stages import FirstStage, Retriever
from core.services.benchmarks.views import Results, Row
from core.services.systems import BASELINE
from pages._ui.escape import code
from pages._ui.wording import listed

LEXICAL = "bm25"


def alike(rows: Sequence[Row]) -> list[list[str]]:
    """Groups of two or more systems with equal values of every measure on every query; none without values."""
    groups: list[list[Row]] = []
    for row in rows:
        group = next((group for group in groups if group[0].values == row.values), None)
        if group is None:
            groups.append([row])
        else:
            group.append(row)
    return [[row.spec for row in group] for group in groups if len(group) > 1 and any(group[0].values.values())]


def alike_said(results: Results) -> list[str]:
    """A sentence for each group, in Markdown."""
    return [_said(group, results.plan.first_stage) for group in alike(results.rows)]


def _said(group: Sequence[str], stage: FirstStage) -> str:
    said = f"{listed([code(spec) for spec in group])} have equal values on every query"
    if stage.retriever is Retriever.BM25 and {BASELINE, LEXICAL} <= set(group):
        return f"{said}: the candidates came from BM25, so ranking them with it again changes nothing."
    return f"{said}."
