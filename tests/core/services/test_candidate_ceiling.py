"""The ceiling by hand, and against every order there is."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures.effectiveness import evaluate_ranking
from core.services.candidate_ceiling import best_order, ceiling

QRELS = {"q1": {"a": 2, "b": 1, "c": 0, "z": 1}, "q2": {"a": 0}, "q3": {"x": 3}}
LISTS = {"q1": ["d", "c", "b", "a"], "q2": ["a", "b"], "q3": ["a"], "q4": ["a"], "q5": []}


def test_recall_and_best_value_by_hand() -> None:
    found = ceiling(LISTS, QRELS, ["nDCG@10", "RR"])
    assert dict(found.recall) == {"q1": pytest.approx(2 / 3), "q3": 0.0}
    ideal = 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found.best["nDCG@10"] == {"q1": pytest.approx((2 + 1 / math.log2(3)) / ideal), "q3": 0.0}
    assert found.best["RR"] == {"q1": 1.0, "q3": 0.0}
    assert found.mean_recall == pytest.approx(1 / 3)
    assert found.mean_best("RR") == 0.5
    assert found.without == 3  # q2 has no relevant document, q4 and q5 no judgment


def test_a_query_whose_candidates_are_none_counts_zero() -> None:
    found = ceiling({"q3": []}, QRELS, ["AP"])
    assert (found.mean_recall, found.mean_best("AP"), found.without) == (0.0, 0.0, 0)


def test_without_judgments_there_is_no_ceiling() -> None:
    found = ceiling({"q": ["a"]}, {}, ["AP"])
    assert (found.mean_recall, found.mean_best("AP"), found.without) == (None, None, 1)


def test_judged_documents_stand_before_unjudged_ones() -> None:
    assert best_order(["u", "n", "r", "v"], {"n": 0, "r": 1}) == ["r", "n", "u", "v"]


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 3), min_size=1, max_size=7),
    st.lists(st.sampled_from("abcdehi"), min_size=1, max_size=5, unique=True),
    st.sampled_from(["nDCG@3", "AP", "RR@2", "P@2", "R@3", "RBP(p=0.8)", "Judged@3"]),
)
def test_no_order_of_the_candidates_is_better(labels: dict[str, int], ids: list[str], measure: str) -> None:
    found = ceiling({"q": ids}, {"q": labels}, [measure])
    if max(labels.values()) == 0:
        assert found.without == 1
        return
    best = max(evaluate_ranking(order, labels, [measure])[measure] for order in permutations(ids))
    assert found.best[measure]["q"] == pytest.approx(best, abs=1e-9)
