"""Expected reciprocal rank by hand and against the TREC Web Track's own script."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_orders, evaluate_ranking
from core.measures.err import expected_reciprocal_rank


def test_by_hand() -> None:
    order, labels = ["a", "x", "b"], {"a": 3, "b": 4, "c": 4}
    first = 7 / 16
    assert expected_reciprocal_rank(order, labels) == pytest.approx(first + (1 - first) * (15 / 16) / 3)
    assert expected_reciprocal_rank(order, labels, 2) == pytest.approx(first)
    assert evaluate_ranking(order, labels, ["ERR@3", "ERR@1", "ERR"]) == pytest.approx(
        {"ERR@3": 0.61328125, "ERR@1": 0.4375, "ERR": 0.61328125}
    )


def test_negative_grades_count_nothing() -> None:
    assert expected_reciprocal_rank(["spam", "a"], {"spam": -2, "a": 1}) == pytest.approx(1 / 16 / 2)


def test_grades_beyond_the_scale_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="up to 4, not 5"):
        evaluate_ranking(["a"], {"a": 5}, ["ERR@20"])


@pytest.mark.skipif(shutil.which("perl") is None, reason="gdeval.pl needs perl")
def test_gdeval_gives_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    documents = [f"d{at}" for at in range(40)]
    qrels = {str(q): {doc: int(rng.integers(-2, 5)) for doc in documents if rng.random() < 0.6} for q in range(1, 9)}
    orders = {query: [str(doc) for doc in rng.permutation(documents)[:30]] for query in qrels}
    judged = [f"{query} 0 {doc} {grade}\n" for query, row in qrels.items() for doc, grade in row.items()]
    ranked = [f"{query} Q0 {doc} {at} {100 - at} run\n" for query, row in orders.items() for at, doc in enumerate(row)]
    (tmp_path / "qrels").write_text("".join(judged))
    (tmp_path / "run").write_text("".join(ranked))
    script = str(files("ir_measures") / "bin" / "gdeval.pl")
    for depth in (5, 20):
        done = run(
            ["perl", script, str(tmp_path / "qrels"), str(tmp_path / "run"), str(depth)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        rows = [line.split(",") for line in done.stdout.splitlines()[1:]]
        expected = {query: float(err) for _, query, _, err in rows if query in qrels}
        found = evaluate_orders(orders, qrels, [f"ERR@{depth}"])
        assert {query: round(row[f"ERR@{depth}"], 5) for query, row in found.items()} == pytest.approx(
            expected, abs=2e-5
        )
