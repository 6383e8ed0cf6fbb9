"""Effectiveness against hand-computed values and against pytrec_eval called directly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import pytrec_eval

from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_orders, evaluate_ranking, evaluate_run

ORACLE = {  # our name -> trec_eval's name of the measure and of its value
    "nDCG@10": ("ndcg_cut.10", "ndcg_cut_10"),
    "nDCG@3": ("ndcg_cut.3", "ndcg_cut_3"),
    "RR": ("recip_rank", "recip_rank"),
    "MRR": ("recip_rank", "recip_rank"),
    "AP": ("map", "map"),
    "P@5": ("P.5", "P_5"),
    "R@10": ("recall.10", "recall_10"),
    "Rprec": ("Rprec", "Rprec"),
    "Bpref": ("bpref", "bpref"),
    "Success@5": ("success.5", "success_5"),
}


@dataclass(frozen=True)
class Scored:
    document: str
    score: float


def test_by_hand() -> None:
    order = ["a", "x", "b", "c"]
    labels = {"a": 1, "b": 3, "c": 0, "d": 2}
    found = evaluate_ranking(order, labels, ["nDCG@3", "RR", "AP", "P@2", "R@3", "RBP(p=0.5)", "Judged@4", "RR@2"])
    gain = 1 / math.log2(2) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert found["nDCG@3"] == pytest.approx(gain / ideal)
    assert found["RR"] == 1.0
    assert found["AP"] == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert found["P@2"] == 0.5
    assert found["R@3"] == pytest.approx(2 / 3)
    assert found["RBP(p=0.5)"] == pytest.approx(0.5 * (1 + 0.25))
    assert found["Judged@4"] == 0.75
    assert found["RR@2"] == 1.0


def test_reciprocal_rank_beyond_its_cutoff_is_zero() -> None:
    found = evaluate_ranking(["x", "y", "a"], {"a": 1}, ["RR", "RR@2", "RR@3"])
    assert found == pytest.approx({"RR": 1 / 3, "RR@2": 0.0, "RR@3": 1 / 3})


def test_rbp_thresholds_and_cutoffs() -> None:
    order, labels = ["a", "b", "c"], {"a": 1, "b": 2, "c": 2}
    found = evaluate_ranking(order, labels, ["RBP", "RBP(rel=2)", "RBP(p=0.5)@2", "RBP(p=0.5,rel=2)@2"])
    assert found["RBP"] == pytest.approx(0.2 * (1 + 0.8 + 0.64))
    assert found["RBP(rel=2)"] == pytest.approx(0.2 * (0.8 + 0.64))
    assert found["RBP(p=0.5)@2"] == pytest.approx(0.75)
    assert found["RBP(p=0.5,rel=2)@2"] == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(20))
def test_random_runs_agree_with_trec_eval(seed: int) -> None:
    rng = np.random.default_rng(seed)
    documents = [f"d{n}" for n in range(30)]
    queries = [f"q{n}" for n in range(8)]
    ties = seed % 2 == 0

    def score() -> float:
        return float(rng.integers(0, 5)) if ties else float(rng.normal() * 10.0 ** rng.integers(-12, 12))

    hits = {
        query: [Scored(str(d), score()) for d in rng.choice(documents, rng.integers(1, 25), replace=False)]
        for query in queries
    }
    qrels = {
        query: {str(d): int(rng.integers(0, 4)) for d in rng.choice(documents, rng.integers(1, 15), replace=False)}
        for query in queries
    }
    found = evaluate_run(hits, qrels, list(ORACLE))
    run = {query: {hit.document: hit.score for hit in listed} for query, listed in hits.items()}
    expected = pytrec_eval.RelevanceEvaluator(qrels, {name for name, _ in ORACLE.values()}).evaluate(run)
    for query in queries:
        for ours, (_, theirs) in ORACLE.items():
            assert found[query][ours] == pytest.approx(expected[query][theirs], abs=1e-9), (query, ours)


def test_scores_that_tie_in_single_precision_are_ties() -> None:
    hits = [Scored("a", 1 + 1e-12), Scored("b", 1.0)]
    found = evaluate_run({"q": hits}, {"q": {"a": 1}}, ["RR"])["q"]["RR"]
    oracle = pytrec_eval.RelevanceEvaluator({"q": {"a": 1}}, {"recip_rank"})
    assert found == oracle.evaluate({"q": {hit.document: hit.score for hit in hits}})["q"]["recip_rank"] == 0.5


def test_orders_need_no_scores_and_break_no_ties() -> None:
    orders = {"q": [f"d{n}" for n in range(9)]}
    for place in range(9):
        found = evaluate_orders(orders, {"q": {f"d{place}": 1}}, ["RR"])
        assert found["q"]["RR"] == pytest.approx(1 / (place + 1))


def test_missing_queries_count_zero_and_unjudged_ones_nothing() -> None:
    orders = {"q1": ["a"], "unjudged": ["a"], "q3": []}
    found = evaluate_orders(orders, {"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"a": 1}}, ["RR", "Judged@5", "RBP"])
    nothing = {"RR": 0.0, "Judged@5": 0.0, "RBP": 0.0}
    assert found == {"q1": pytest.approx({"RR": 1.0, "Judged@5": 1.0, "RBP": 0.2}), "q2": nothing, "q3": nothing}


def test_the_input_is_not_changed() -> None:
    qrels, orders = {"q": {"b": 1, "a": 0}}, {"q": ["a", "b"]}
    evaluate_orders(orders, qrels, ["nDCG@10", "RBP"])
    assert (qrels, orders) == ({"q": {"b": 1, "a": 0}}, {"q": ["a", "b"]})


@pytest.mark.parametrize(
    ("orders", "qrels", "fault"),
    [
        ({"q": ["a"]}, {}, "no relevance labels"),
        ({"q": ["a"]}, {"other": {"a": 1}}, "None of the ranked queries"),
        ({"q": ["a", "a"]}, {"q": {"a": 1}}, "ranks a document twice"),
    ],
)
def test_what_cannot_be_evaluated(orders: dict, qrels: dict, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        evaluate_orders(orders, qrels, ["RR"])


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_scores_that_are_not_finite_are_refused(score: float) -> None:
    with pytest.raises(InvalidInputError, match="not finite"):
        evaluate_run({"q": [Scored("a", score)]}, {"q": {"a": 1}}, ["RR"])
