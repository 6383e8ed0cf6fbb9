"""Runs in TREC files compared on a collection, as a benchmark compares its systems; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.datasets.trec import read_run
from core.domain.collections import Qrels
from core.domain.errors import InvalidInputError
from core.measures.effectiveness import trec_order
from core.measures.significance.findings import Correction, Significance
from core.services.benchmarks.corrections import significance
from core.services.benchmarks.measured import Measured, judged_in_top, measured
from core.services.benchmarks.sentence import sentence
from core.services.benchmarks.views import MeasureCell

Order = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run. ``missing``: judged queries that it lacks, which count 0. ``unjudged_queries``: queries of the run
    without judgments, which count nowhere. ``judged``: mean share of the first ten documents that have a judgment."""

    name: str
    missing: int
    unjudged_queries: int
    judged: float
    measures: Mapping[str, MeasureCell]
    values: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """``rows``: best first by the first measure; ``significance``: by measure, over the rows in their order.

    ``queries``: judged ones, the same for every run.
    """

    collection: str
    measures: tuple[str, ...]
    queries: int
    rows: tuple[RunRow, ...]
    significance: Mapping[str, Significance]
    correction: Correction
    baseline: str
    sentence: str


def run_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names of files without their ending, with their folders where two are alike. InvalidInputError: a file twice."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise InvalidInputError("A run is named twice. Name every run once.")
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return tuple(stems)
    return tuple(str(path) for path in paths)


def read_orders(path: Path) -> dict[str, list[str]]:
    """Document ids by query as trec_eval orders them; ImportFormatError for a malformed run."""
    return {query: trec_order(query, hits) for query, hits in read_run(path).items()}


def compare_orders(
    runs: Mapping[str, Order],
    labels: Qrels,
    measures: Sequence[str],
    *,
    collection: str,
    correction: Correction = Correction.HOLM,
    baseline: str = "",
) -> RunComparison:
    """``runs``: by name. ``baseline``: one of them, or empty.

    InvalidInputError: no judgments, a run without any judged query, an unknown measure or baseline.
    """
    _check(runs, labels, measures, collection, baseline)
    values = {name: measured(orders, labels, measures) for name, orders in runs.items()}
    first = measures[0]
    ranked = sorted(runs, key=lambda name: (-values[name][first].values.mean(), name))
    rows = tuple(_row(name, runs[name], values[name], labels) for name in ranked)
    found = {
        measure: significance(ranked, [values[name][measure].values.tolist() for name in ranked], correction)
        for measure in measures
    }
    cells = [row.measures[first] for row in rows]
    return RunComparison(
        collection=collection,
        measures=tuple(measures),
        queries=len(labels),
        rows=rows,
        significance=found,
        correction=correction,
        baseline=baseline,
        sentence=sentence(first, cells, found[first], baseline),
    )


def _check(runs: Mapping[str, Order], labels: Qrels, measures: Sequence[str], collection: str, baseline: str) -> None:
    if not labels:
        raise InvalidInputError(f"Collection {collection!r} has no relevance judgments to compare runs with.")
    if not measures:
        raise InvalidInputError("Name at least one measure.")
    if baseline and baseline not in runs:
        raise InvalidInputError(f"The baseline {baseline!r} is none of the runs. Allowed: {', '.join(runs)}.")
    for name, orders in runs.items():
        if not any(orders.get(query) for query in labels):
            raise InvalidInputError(f"Run {name!r} ranks none of the judged queries of {collection!r}.")


def _row(name: str, orders: Order, values: Mapping[str, Measured], labels: Qrels) -> RunRow:
    return RunRow(
        name=name,
        missing=sum(not orders.get(query) for query in labels),
        unjudged_queries=sum(query not in labels for query in orders),
        judged=judged_in_top(orders, labels),
        measures={measure: found.cell for measure, found in values.items()},
        values={measure: dict(zip(labels, found.values.tolist(), strict=True)) for measure, found in values.items()},
    )
