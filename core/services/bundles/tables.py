"""A benchmark as two long tables: the measures of every query, and every document that was ranked."""

from __future__ import annotations

from enum import StrEnum

from core.datasets.exports.tables import Cell
from core.services.benchmarks.views import Results
from core.services.bundles.snapshot import Snapshot

Table = dict[str, list[Cell]]


class TableName(StrEnum):
    """Which table."""

    MEASURES = "measures"
    RANKINGS = "rankings"


def measures_table(snapshot: Snapshot, results: Results) -> Table:
    """A row per complete system, judged query and measure: system, query, category, measure, value, ranked (whether
    the system has a ranking; its value is 0 otherwise)."""
    categories = {query.id: query.category for query in snapshot.queries}
    ranked = {one.system.spec: one.rankings for one in snapshot.ranked}
    found: Table = {name: [] for name in ("system", "query", "category", "measure", "value", "ranked")}
    for row in results.rows:
        for measure, values in row.values.items():
            for query, value in values.items():
                cells: tuple[Cell, ...] = (
                    row.spec,
                    query,
                    categories[query],
                    measure,
                    value,
                    query in ranked[row.spec],
                )
                for name, cell in zip(found, cells, strict=True):
                    found[name].append(cell)
    return found


def rankings_table(snapshot: Snapshot) -> Table:
    """A row per system, query and document: rank from 1, score where the system has one, first_stage_rank, grade where
    the document was judged."""
    found: Table = {name: [] for name in ("system", "query", "document", "rank", "score", "first_stage_rank", "grade")}
    for one in snapshot.ranked:
        for query, ranking in one.rankings.items():
            places = {document: place for place, document in enumerate(snapshot.candidates[query], start=1)}
            grades = snapshot.qrels.get(query, {})
            scores = ranking.scores or (None,) * len(ranking.order)
            n = len(ranking.order)
            found["system"] += [one.system.spec] * n
            found["query"] += [query] * n
            found["document"] += ranking.order
            found["rank"] += range(1, n + 1)
            found["score"] += scores
            found["first_stage_rank"] += [places[document] for document in ranking.order]
            found["grade"] += [grades.get(document) for document in ranking.order]
    return found
