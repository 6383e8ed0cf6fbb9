"""Bounds against every possible judgment, computed by the library, and against values worked out by hand."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.measures.bounds import bounds, judged_share
from core.measures.effectiveness import evaluate_orders, evaluate_ranking

BOUNDED = [
    "nDCG@3", "nDCG@5", "nDCG", "AP", "AP@3", "AP(rel=2)", "P@3", "P(rel=2)@20", "R@3", "R(rel=2)@4", "RR", "RR@2",
    "RR(rel=2)", "RBP(p=0.5)", "RBP(rel=2)@3", "ERR@3", "ERR", "Success@2", "Success(rel=2)@3",
]  # fmt: skip


def _of_all_judgments(
    order: list[str], labels: dict[str, int], measures: list[str], top: int
) -> dict[str, tuple[float, float]]:
    unjudged = [document for document in order if document not in labels]
    ways = list(itertools.product(range(top + 1), repeat=len(unjudged)))
    qrels = {str(at): {**labels, **dict(zip(unjudged, way, strict=True))} for at, way in enumerate(ways)}
    found = evaluate_orders(dict.fromkeys(qrels, order), qrels, measures)
    return {
        measure: (min(row[measure] for row in found.values()), max(row[measure] for row in found.values()))
        for measure in measures
    }


@pytest.mark.parametrize("seed", range(40))
def test_exact_over_all_judgments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    order = [f"d{at}" for at in range(int(rng.integers(1, 8)))]
    top = int(rng.integers(1, 4))
    judged = rng.random(len(order)) < 0.4
    while (~judged).sum() > 5:
        judged[rng.integers(len(order))] = True
    labels = {document: int(rng.integers(-1, top + 1)) for document, is_judged in zip(order, judged, strict=True)
              if is_judged}  # fmt: skip
    labels |= {f"outside{at}": int(rng.integers(0, top + 1)) for at in range(int(rng.integers(1, 4)))}
    expected = _of_all_judgments(order, labels, BOUNDED, top)
    for measure in BOUNDED:
        assert bounds(order, labels, measure, max_grade=top) == pytest.approx(expected[measure], abs=1e-9), measure


@pytest.mark.parametrize("seed", range(6))
def test_longer_lists_contain_what_random_judgments_give(seed: int) -> None:
    rng = np.random.default_rng(seed)
    order = [f"d{at}" for at in range(60)]
    labels = {document: int(rng.integers(0, 4)) for document in order if rng.random() < 0.5} | {"outside": 3}
    measures = ["nDCG@10", "nDCG", "AP", "R@20"]
    ends = {measure: bounds(order, labels, measure, max_grade=3) for measure in measures}
    unjudged = [document for document in order if document not in labels]
    shares = rng.random(300)
    qrels = {
        str(at): {**labels, **{doc: int(rng.random() < share) * int(rng.integers(1, 4)) for doc in unjudged}}
        for at, share in enumerate(shares)
    }
    found = evaluate_orders(dict.fromkeys(qrels, order), qrels, measures)
    for measure, (low, high) in ends.items():
        values = [row[measure] for row in found.values()]
        assert low - 1e-9 <= min(values) <= max(values) <= high + 1e-9


def test_by_hand() -> None:
    order, labels = ["x", "a", "y"], {"a": 1}
    assert bounds(order, labels, "P@2") == (0.5, 1.0)
    assert bounds(order, labels, "RR") == (0.5, 1.0)
    assert bounds(order, labels, "nDCG@3") == pytest.approx((1 / math.log2(3), 1.0))
    assert bounds(order, labels, "AP") == pytest.approx((0.5, 1.0))
    assert bounds(order, labels, "R@2") == (0.5, 1.0)  # y relevant: one of two


def test_the_lowest_value_is_not_that_of_irrelevant_documents() -> None:
    order, labels = ["a", "x", "y", "z"], {"a": 1}
    low, _ = bounds(order, labels, "AP", max_grade=1) or (math.nan, math.nan)
    irrelevant = evaluate_ranking(order, labels, ["AP"])["AP"]
    assert irrelevant == 1.0
    assert low == pytest.approx((1 + 2 / 4) / 2)  # only the last unjudged document relevant


@pytest.mark.parametrize("measure", BOUNDED)
def test_without_unjudged_documents_both_are_the_value(measure: str) -> None:
    order, labels = ["a", "b", "c"], {"a": 0, "b": 2, "c": 1, "d": 1}
    value = evaluate_ranking(order, labels, [measure])[measure]
    assert bounds(order, labels, measure) == pytest.approx((value, value))


def test_nothing_judged_and_nothing_ranked() -> None:
    assert bounds(["a", "b"], {}, "nDCG@10") == (0.0, 1.0)
    assert bounds(["a", "b"], {}, "AP") == (0.0, 1.0)
    assert bounds([], {"a": 1}, "nDCG@10") == (0.0, 0.0)
    assert bounds([], {"a": 1}, "R@10") == (0.0, 0.0)


def test_a_grade_that_nothing_can_reach() -> None:
    order, labels = ["x", "a"], {"a": 1}
    assert bounds(order, labels, "AP(rel=2)", max_grade=1) == (0.0, 0.0)
    assert bounds(order, labels, "nDCG@2", max_grade=0) == pytest.approx((1 / math.log2(3),) * 2)


@pytest.mark.parametrize("measure", ["Judged@10", "Bpref", "Rprec", "SetF", "P(judged_only=True)@5"])
def test_measures_without_bounds(measure: str) -> None:
    assert bounds(["a"], {"b": 1}, measure) is None


@pytest.mark.parametrize(
    ("order", "measure", "top", "fault"),
    [(["a", "a"], "AP", 1, "twice"), (["a"], "AP", -1, "0 or more"), (["a"], "nonsense", 1, "not the name"),
     (["a"], "ERR@5", 5, "up to 4")],
)  # fmt: skip
def test_what_is_refused(order: list[str], measure: str, top: int, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        bounds(order, {"b": 1}, measure, max_grade=top)


def test_judged_share_is_judged_at_k() -> None:
    order, labels = ["a", "x", "b", "y", "z"], {"a": 0, "b": 2, "z": 1}
    for depth in (1, 3, 5, 10):
        name = f"Judged@{depth}"
        assert judged_share(order, labels, depth) == pytest.approx(evaluate_ranking(order, labels, [name])[name])
    with pytest.raises(InvalidInputError):
        judged_share([], labels)


def test_fast_enough_for_a_benchmark() -> None:
    rng = np.random.default_rng(0)
    order = [f"d{at}" for at in range(100)]
    labels = {f"d{at}": int(rng.integers(0, 4)) for at in range(0, 200, 7)}
    measures = ("nDCG@10", "AP", "RR@10", "R@100")
    began = time.process_time()
    for measure in measures:
        for _ in range(100):
            bounds(order, labels, measure, max_grade=3)
    per_table = (time.process_time() - began) / 100 * 8 * 225
    assert per_table < 5.0  # all four measures for eight systems over 225 queries; 1 s of a core
