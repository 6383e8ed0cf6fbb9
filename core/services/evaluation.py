"""Evaluation of TREC runs against a collection's judgments, one run or several against one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.collections import Qrels
from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_orders
from core.measures.significance.findings import Correction
from core.services.benchmarks.measured import JUDGED_DEPTH, judged_in_top
from core.services.benchmarks.run_comparison import RunComparison, compare_orders, read_orders, run_names
from core.services.collections import CollectionService

DEFAULT_MEASURES = ("nDCG@10", "RR", "AP")
MANY_UNJUDGED = 0.2  # of the first ten documents: worth a note beside the measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Means over every judged query of the collection (a query that the run leaves out counts zero) and values per
    query. ``unjudged_queries`` of the run count nowhere. ``judged``: mean share of the first ten documents that have a
    judgment. ``notes``: what a reader of the means should know, in sentences.
    """

    run: str
    queries: int
    unjudged_queries: int
    means: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]
    judged: float
    notes: tuple[str, ...]


class EvaluationService:
    """Measures of run files."""

    def __init__(self, collections: CollectionService) -> None:
        self._collections = collections

    def evaluate(self, run: Path, collection: str, measures: Sequence[str] = DEFAULT_MEASURES) -> Evaluation:
        """Exact values as trec_eval gives them; queries of the collection that the run leaves out count as zero.

        InvalidInputError for unknown measures or a collection without judgments; ImportFormatError for a bad run.
        """
        qrels = self._qrels(collection)
        ranked = read_orders(run)
        per_query = evaluate_orders(ranked, qrels, measures)
        means = {
            measure: sum(values[measure] for values in per_query.values()) / len(per_query) for measure in measures
        }
        judged = judged_in_top(ranked, qrels)
        return Evaluation(
            run=run.name,
            queries=len(per_query),
            unjudged_queries=sum(query not in qrels for query in ranked),
            means=means,
            per_query=per_query,
            judged=judged,
            notes=judged_notes({run.name: judged}),
        )

    def compare(
        self,
        runs: Sequence[Path],
        collection: str,
        measures: Sequence[str] = DEFAULT_MEASURES,
        *,
        correction: Correction = Correction.HOLM,
        baseline: str = "",
    ) -> RunComparison:
        """Runs against one another over all judged queries of the collection; one that a run leaves out counts zero.

        ``baseline``: the name of one run, or its file's. InvalidInputError for fewer than two runs or a run named
        twice, and as ``evaluate``.
        """
        if len(runs) < 2:
            raise InvalidInputError(f"Name at least two runs to compare, not {len(runs)}.")
        names = run_names(runs)
        named = dict(zip((str(path) for path in runs), names, strict=True))
        return compare_orders(
            {name: read_orders(path) for name, path in zip(names, runs, strict=True)},
            self._qrels(collection),
            measures,
            collection=self._collections.get(collection).name,
            correction=correction,
            baseline=named.get(baseline, baseline),
        )

    def _qrels(self, collection: str) -> Qrels:
        qrels = self._collections.reader(collection).qrels()
        if not qrels:
            raise InvalidInputError(f"Collection {collection!r} has no relevance judgments to evaluate with.")
        return qrels


def judged_notes(shares: Mapping[str, float]) -> tuple[str, ...]:
    """A sentence for every run (name to mean share of judged documents in its first ten) with many unjudged ones."""
    return tuple(
        f"{name}: {100 * (1 - share):.0f} % of the first {JUDGED_DEPTH} documents were never judged and count as "
        f"irrelevant (Judged@{JUDGED_DEPTH} {share:.3f}); the true values may be higher."
        for name, share in shares.items()
        if 1 - share > MANY_UNJUDGED
    )
