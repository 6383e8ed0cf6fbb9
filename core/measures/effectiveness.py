"""Effectiveness of rankings against relevance judgments, by ir_measures over trec_eval.

Hits are ordered as trec_eval orders them: by score in single precision, ties by document id from Z to A.
A judged query that a run lacks counts 0, as with ``trec_eval -c``. nDCG: linear gains, log2 discounts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from core.domain.collections import Qrels
from core.domain.errors import InvalidInputError
from core.measures.err import expected_reciprocal_rank
from core.measures.names import Measure, by_hand, parse_measure, providers, rbp_parameters
from core.measures.rbp import rank_biased_precision

PerQuery = dict[str, dict[str, float]]  # query id -> measure as it was named -> value
LARGEST = 3e38  # about the largest number of single precision


class Hit(Protocol):
    """A document of a run with its score, higher is better."""

    @property
    def document(self) -> str: ...
    @property
    def score(self) -> float: ...


def evaluate_run(run: Mapping[str, Sequence[Hit]], qrels: Qrels, measures: Sequence[str]) -> PerQuery:
    """Values of every judged query, 0 where the run lacks it; queries of the run without judgments are left out.

    ``run``: query id to hits, whose scores alone decide. ``measures``: the notation of ir_measures, for example
    "nDCG@10", "RR", "RBP(p=0.8)". InvalidInputError: no judgments, none of them on a query of the run, an
    unknown measure, a document twice, a score that is not finite.
    """
    return evaluate_orders({query: trec_order(query, hits) for query, hits in run.items()}, qrels, measures)


def evaluate_orders(orders: Mapping[str, Sequence[str]], qrels: Qrels, measures: Sequence[str]) -> PerQuery:
    """Like ``evaluate_run`` for document ids in order, best first, by query id."""
    if not qrels:
        raise InvalidInputError("There are no relevance labels to evaluate with.")
    judged = {query: orders[query] for query in qrels if orders.get(query)}
    if not judged:
        raise InvalidInputError("None of the ranked queries has relevance labels.")
    parsed = {name: parse_measure(name) for name in measures}
    found = _compute(judged, qrels, list(dict.fromkeys(parsed.values())))
    return {
        query: {name: found[measure][query] if query in judged else 0.0 for name, measure in parsed.items()}
        for query in qrels
    }


def evaluate_ranking(order: Sequence[str], labels: Mapping[str, int], measures: Sequence[str]) -> dict[str, float]:
    """Measure to value of one order of document ids, best first; errors as ``evaluate_run``."""
    return evaluate_orders({"query": order}, {"query": labels} if labels else {}, measures)["query"]


def trec_order(query: str, hits: Sequence[Hit]) -> list[str]:
    """Document ids, best first, as trec_eval orders them. InvalidInputError for a score that is not finite."""
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    if not np.isfinite(scores).all():
        raise InvalidInputError(f"Query {query!r} has a score that is not finite.")
    single = np.clip(scores, -LARGEST, LARGEST).astype(np.float32).tolist()
    by_id = sorted(zip((hit.document for hit in hits), single, strict=True), reverse=True)
    return [document for document, _ in sorted(by_id, key=lambda pair: -pair[1])]


def _compute(
    orders: Mapping[str, Sequence[str]], qrels: Qrels, measures: Sequence[Measure]
) -> dict[Measure, dict[str, float]]:
    found: dict[Measure, dict[str, float]] = {}
    run = {query: _descending(query, order) for query, order in orders.items()}
    grades = {query: dict(qrels[query]) for query in orders}  # ir_measures takes dicts of dicts only
    for measure in measures:
        if (value_of := _by_hand(measure)) is not None:
            found[measure] = {query: value_of(order, grades[query]) for query, order in orders.items()}
    for provider in providers():
        mine = [measure for measure in measures if measure not in found and provider.supports(measure)]
        found.update({measure: {} for measure in mine})
        for metric in provider.iter_calc(mine, grades, run) if mine else ():
            found[metric.measure][metric.query_id] = float(metric.value)
    return found


def _by_hand(measure: Measure) -> Callable[[Sequence[str], Mapping[str, int]], float] | None:
    """How to compute, from an order and its grades, a measure that no provider computes here."""
    if not by_hand(measure):
        return None
    if measure.NAME == "ERR":
        return partial(expected_reciprocal_rank, cutoff=measure.params.get("cutoff"))
    return partial(rank_biased_precision, parameters=rbp_parameters(measure))


def _descending(query: str, order: Sequence[str]) -> dict[str, float]:
    """Scores len, ..., 2, 1, exact in single precision."""
    scores = {document: float(len(order) - place) for place, document in enumerate(order)}
    if len(scores) != len(order):
        raise InvalidInputError(f"Query {query!r} ranks a document twice.")
    return scores
