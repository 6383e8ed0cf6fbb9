"""Measures from a table of gains against the evaluation that everything else uses."""

from __future__ import annotations

import random

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_orders
from core.measures.gain_values import gain_measure

MEASURES = (
    *("nDCG@10", "nDCG@3", "nDCG", "AP", "AP@5", "AP(rel=2)", "P@5", "P(rel=2)@3", "R@10", "RR", "RR@10", "RR(rel=2)"),
    *("Success@5", "RBP", "RBP(p=0.5)", "RBP(rel=2)@4"),
)


@pytest.mark.parametrize("name", MEASURES)
def test_values_are_those_of_trec_eval(name: str) -> None:
    draw = random.Random(f"gains {name}")
    pool = [f"d{number}" for number in range(40)]
    labels = {f"q{n}": {d: draw.randint(-1, 3) for d in draw.sample(pool, draw.randint(1, 12))} for n in range(30)}
    orders = {query: draw.sample(pool, draw.randint(1, 25)) for query in labels}
    gains, ideal = np.zeros((30, 25)), np.zeros((30, 12))
    for row, query in enumerate(labels):
        gains[row, : len(orders[query])] = [labels[query].get(document, 0) for document in orders[query]]
        ideal[row, : len(labels[query])] = sorted(labels[query].values(), reverse=True)
    measure = gain_measure(name)
    assert measure is not None
    expected = evaluate_orders(orders, labels, (name,))
    assert measure.values(gains, ideal) == pytest.approx([expected[query][name] for query in labels], abs=1e-9)


def test_what_the_formulas_do_not_cover_is_left_to_the_library() -> None:
    uncovered = ("Judged@10", "Bpref", "Rprec", "nDCG(judged_only=True)@10", "ERR@20")
    assert [name for name in uncovered if gain_measure(name) is not None] == []
    with pytest.raises(InvalidInputError, match="not the name of a measure"):
        gain_measure("nDGC@10")
