"""TREC runs: what is written is what trec_eval orders, and what is read is checked."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.qrels import read_qrels
from core.datasets.trec import Hit, decreasing_scores, read_run, run_lines, write_run
from core.domain.errors import ImportFormatError, InvalidInputError

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def test_lines_as_the_field_writes_them() -> None:
    lines = run_lines({"q1": ["b", "a"], "q2": ["c"]}, tag="prp-heapsort:smollm2?k=5", scores={"q1": [0.5, 0.25]})
    assert list(lines) == [
        "q1 Q0 b 1 0.5 prp-heapsort:smollm2?k=5",
        "q1 Q0 a 2 0.25 prp-heapsort:smollm2?k=5",
        "q2 Q0 c 1 1 prp-heapsort:smollm2?k=5",
    ]


@given(st.lists(FLOATS, max_size=30))
def test_written_scores_fall_strictly_in_single_precision(scores: list[float]) -> None:
    written = [np.float32(f"{score:.9g}") for score in decreasing_scores(len(scores), scores)]
    assert all(later < earlier for earlier, later in pairwise(written))


def test_scores_that_fall_already_are_kept() -> None:
    assert decreasing_scores(3, [2.5, 1.25, -7.0]) == [2.5, 1.25, -7.0]
    assert decreasing_scores(3, None) == [3.0, 2.0, 1.0]
    assert decreasing_scores(2, [1e300, 0.0]) == [2.0, 1.0]


def test_ties_and_rises_follow_the_order() -> None:
    first, second, third = decreasing_scores(3, [1.0, 1.0, 5.0])
    assert first == 1.0
    assert first > second > third > 0.9999998


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_scores_that_are_not_finite_are_refused(score: float) -> None:
    with pytest.raises(InvalidInputError, match="not finite"):
        decreasing_scores(2, [1.0, score])


def test_trec_eval_sees_the_order_and_not_the_ties(tmp_path: Path) -> None:
    order = [f"d{n}" for n in range(20)]
    write_run(tmp_path / "tied.trec", {"q": order}, tag="tied", scores={"q": [1.0] * 20})
    run = {query: {hit.document: hit.score for hit in hits} for query, hits in read_run(tmp_path / "tied.trec").items()}
    assert list(run["q"]) == order
    for place, document in enumerate(order, start=1):
        evaluator = pytrec_eval.RelevanceEvaluator({"q": {document: 1}}, {"recip_rank"})
        assert evaluator.evaluate(run)["q"]["recip_rank"] == pytest.approx(1 / place)


@given(
    st.dictionaries(
        st.text(alphabet="abcü:/-.", min_size=1, max_size=5),
        st.lists(st.text(alphabet="dxé0123_", min_size=1, max_size=4), unique=True, min_size=1, max_size=8),
        min_size=1,
        max_size=4,
    )
)
def test_reading_gives_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, orders: dict) -> None:
    path = tmp_path_factory.getbasetemp() / "round.trec"
    write_run(path, orders, tag="x")
    assert {query: [hit.document for hit in hits] for query, hits in read_run(path).items()} == orders


@pytest.mark.parametrize(
    ("orders", "tag", "fault"),
    [
        ({"q 1": ["a"]}, "t", "query id 'q 1'"),
        ({"q": ["a\tb"]}, "t", "document id"),
        ({"q": [""]}, "t", "document id ''"),
        ({"q": ["a\u00a0b"]}, "t", "document id"),
        ({"q": ["a"]}, "my tag", "tag 'my tag'"),
        ({"q": ["a", "a"]}, "t", "twice"),
    ],
)
def test_what_a_run_cannot_hold_leaves_no_file(tmp_path: Path, orders: dict, tag: str, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        write_run(tmp_path / "x.trec", orders, tag=tag)
    assert list(tmp_path.iterdir()) == []


def test_scores_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="2 documents but 1 scores"):
        list(run_lines({"q": ["a", "b"]}, tag="t", scores={"q": [1.0]}))


def test_reading_orders_by_score_then_rank(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    path.write_text("q Q0 a 3 1.0 t\nq\tQ0\tb 2 1.0 t\n\nq Q0 c 1 0.5 t\r\nq Q0 d 4 1e1 t\n")
    assert read_run(path) == {
        "q": (
            Hit(document="d", score=10.0),
            Hit(document="b", score=1.0),
            Hit(document="a", score=1.0),
            Hit(document="c", score=0.5),
        )
    }


@pytest.mark.parametrize(
    ("content", "line", "column", "cause"),
    [
        ("q Q0 a 1 1.0\n", 1, None, "has 5 columns"),
        ("q Q0 a 1 1.0 t\nq Q0 b 2 high t\n", 2, "score", "not 'high'"),
        ("q Q0 a first 1.0 t\n", 1, "rank", "not 'first'"),
        ("q Q0 a 1 nan t\n", 1, "score", "finite"),
        ("q Q0 a 1 1.0 t\nq Q0 a 2 0.5 t\n", 2, None, "on line 1 already"),
        ("\n", None, None, "holds no ranking"),
    ],
)
def test_errors_of_runs_name_their_place(tmp_path: Path, content: str, line, column, cause: str) -> None:
    (tmp_path / "run.trec").write_text(content)
    with pytest.raises(ImportFormatError) as caught:
        read_run(tmp_path / "run.trec")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("run.trec", line, column)
    assert cause in caught.value.cause


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="cannot be read: No such file"):
        read_run(tmp_path / "none.trec")


def test_qrels_of_trec(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_text("1 0 FT-1 2\n1 0 FT-2 -2\n2 Q0 FT-1 0\n")
    assert read_qrels(tmp_path / "qrels") == {"1": {"FT-1": 2, "FT-2": 0}, "2": {"FT-1": 0}}
