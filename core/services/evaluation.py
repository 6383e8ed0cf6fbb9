"""Evaluation of TREC runs against a collection's judgments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.datasets.trec import read_run
from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_run
from core.services.collections import CollectionService

DEFAULT_MEASURES = ("nDCG@10", "RR", "AP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Means over every judged query of the collection (a query that the run leaves out counts zero) and values per
    query. ``unjudged_queries`` of the run count nowhere."""

    run: str
    queries: int
    unjudged_queries: int
    means: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]


class EvaluationService:
    """Measures of a run file."""

    def __init__(self, collections: CollectionService) -> None:
        self._collections = collections

    def evaluate(self, run: Path, collection: str, measures: Sequence[str] = DEFAULT_MEASURES) -> Evaluation:
        """Exact values as trec_eval gives them; queries of the collection that the run leaves out count as zero.

        InvalidInputError for unknown measures or a collection without judgments; ImportFormatError for a bad run.
        """
        qrels = self._collections.reader(collection).qrels()
        if not qrels:
            raise InvalidInputError(f"Collection {collection!r} has no relevance judgments to evaluate with.")
        ranked = read_run(run)
        per_query = evaluate_run(ranked, qrels, measures)
        means = {
            measure: sum(values[measure] for values in per_query.values()) / len(per_query) for measure in measures
        }
        return Evaluation(
            run=run.name,
            queries=len(per_query),
            unjudged_queries=sum(query not in qrels for query in ranked),
            means=means,
            per_query=per_query,
        )
