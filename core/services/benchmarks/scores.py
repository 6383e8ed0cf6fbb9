"""Scores of one system, and what showing only documents above a threshold would do.

One threshold for all queries means something only where scores of different queries are on one scale: probabilities
of yes/no answers, cosines, cross-encoder outputs. BM25 and scores made of ranks are shown all the same, and a threshold
on them says little. Relevant: a grade above 0. Unjudged documents count in ``kept`` and coverage, never in precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.collections import Qrels
from core.domain.ports import RankingStore
from core.services.benchmarks.views import ScoreView, ThresholdPoint

BINS, THRESHOLDS = 40, 50
UNJUDGED, IRRELEVANT, RELEVANT = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredDocuments:
    """``scores``: (d,), of all lists. ``kinds``: (d,) unjudged, irrelevant or relevant. ``query``: (d,) which list.
    ``queries``: how many lists were ranked."""

    scores: NDArray[np.float64]
    kinds: NDArray[np.int8]
    query: NDArray[np.int64]
    queries: int


def score_view(spec: str, found: ScoredDocuments) -> ScoreView:
    """Histograms over equal bins, and thresholds at quantiles of the scores, low to high."""
    edges = np.histogram_bin_edges(found.scores, bins=BINS)
    counts = {kind: np.histogram(found.scores[found.kinds == kind], bins=edges)[0].tolist() for kind in range(3)}
    levels = np.unique(np.quantile(found.scores, np.linspace(0.0, 1.0, THRESHOLDS), method="inverted_cdf"))
    return ScoreView(
        system=spec,
        edges=tuple(edges.tolist()),
        relevant=tuple(counts[RELEVANT]),
        irrelevant=tuple(counts[IRRELEVANT]),
        unjudged=tuple(counts[UNJUDGED]),
        thresholds=tuple(threshold_point(found, float(level)) for level in levels),
    )


def threshold_point(found: ScoredDocuments, threshold: float) -> ThresholdPoint:
    """What is left of the documents scored ``threshold`` or more."""
    shown = found.scores >= threshold
    relevant = int(np.count_nonzero(shown & (found.kinds == RELEVANT)))
    judged = relevant + int(np.count_nonzero(shown & (found.kinds == IRRELEVANT)))
    there = int(np.count_nonzero(found.kinds == RELEVANT))
    return ThresholdPoint(
        threshold=threshold,
        precision=relevant / judged if judged else None,
        recall=relevant / there if there else None,
        coverage=len(np.unique(found.query[shown])) / found.queries,
        kept=float(np.mean(shown)),
    )


def scored_documents(
    store: RankingStore, system: str, lists: Mapping[str, str], labels: Qrels
) -> ScoredDocuments | None:
    """Of one system (fingerprint) over lists (query id to hash); None where it gives no scores."""
    rankings = {ranking.candidates: ranking for ranking in store.rankings(tuple(lists.values()), [system])}
    scores: list[float] = []
    kinds: list[int] = []
    sizes: list[int] = []
    for query, hash in lists.items():
        ranking = rankings.get(hash)
        if ranking is None or ranking.scores is None or not ranking.order:
            continue
        grades = labels.get(query, {})
        scores += ranking.scores
        kinds += [_kind(grades.get(document)) for document in ranking.order]
        sizes.append(len(ranking.order))
    if not scores:
        return None
    return ScoredDocuments(
        scores=np.array(scores, dtype=np.float64),
        kinds=np.array(kinds, dtype=np.int8),
        query=np.repeat(np.arange(len(sizes)), sizes),
        queries=len(sizes),
    )


def _kind(grade: int | None) -> int:
    if grade is None:
        return UNJUDGED
    return RELEVANT if grade > 0 else IRRELEVANT
