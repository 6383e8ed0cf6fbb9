"""The figures of a check: how far the orders in a lower precision agree with those in fp32, query by query.

Kendall's tau-b of both orders of a list, in the mean over queries with a percentile bootstrap interval: taus lie close
under 1 and are skewed, and the ends of that interval never leave what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from core.domain.documents import CandidateList
from core.domain.precision import PrecisionFigures
from core.domain.work import Probed
from core.measures.effectiveness import evaluate_ranking
from core.measures.rank_similarity import kendall_tau
from core.measures.significance.bootstrap import bootstrap_intervals
from core.measures.significance.values import paired_values

MEASURE = "nDCG@5"
DRAWS = 2000
SEED = 0

Heard = Mapping[str, Probed]  # candidate list to what was heard of it
Labels = Mapping[str, Mapping[str, int]]  # candidate list to document ids and grades


def figures(lists: Sequence[CandidateList], lower: Heard, full: Heard, labels: Labels) -> PrecisionFigures:
    """Over these lists (at least one), each of two documents or more; both sides have heard of every list."""
    hashes = [made.hash for made in lists]
    taus = [kendall_tau(full[hash].order, lower[hash].order) for hash in hashes]
    low, high = _interval(taus)
    return PrecisionFigures(
        tau=fmean(taus),
        tau_low=low,
        tau_high=high,
        unchanged=fmean(full[hash].order == lower[hash].order for hash in hashes),
        ndcg=_ndcg(hashes, lower, labels),
        full_ndcg=_ndcg(hashes, full, labels),
        seconds=_seconds(hashes, lower),
        full_seconds=_seconds(hashes, full),
    )


def _interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Of a mean: that of its difference from 0."""
    if len(values) < 2:
        return None, None
    drawn = bootstrap_intervals(paired_values([list(values), [0.0] * len(values)]), DRAWS, SEED)
    return float(drawn.low[0]), float(drawn.high[0])


def _ndcg(hashes: Sequence[str], heard: Heard, labels: Labels) -> float | None:
    useful = [hash for hash in hashes if any(grade > 0 for grade in labels.get(hash, {}).values())]
    found = [evaluate_ranking(heard[hash].order, labels[hash], (MEASURE,))[MEASURE] for hash in useful]
    return fmean(found) if found else None


def _seconds(hashes: Sequence[str], heard: Heard) -> float | None:
    timed = [wall_ms for hash in hashes if (wall_ms := heard[hash].wall_ms) is not None]
    return fmean(timed) / 1000.0 if timed else None
