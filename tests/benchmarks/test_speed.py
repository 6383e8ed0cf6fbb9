"""The pure parts of the speed benchmark: ratios, the gate before them, batches, the table."""

from __future__ import annotations

import os

import pytest

from benchmarks.speed.__main__ import slots
from benchmarks.speed.comparing import compared
from benchmarks.speed.context import Context
from benchmarks.speed.data import passages_in, uniform
from benchmarks.speed.ours import batches
from benchmarks.speed.outcome import Outcome, Row, Series, outcome_from
from benchmarks.speed.parity import compare, orders_of
from benchmarks.speed.report import summary, table
from benchmarks.speed.timing import Variant, interleave, ratio
from benchmarks.speed.workloads import CPU, GPU, find
from benchmarks.speed.workloads.pointwise import EXAMPLES, examples_of
from core.datasets.sample import sample_folder
from core.models.base import Arrangement


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    found = ratio([1.0, 2.0, 4.0], [3.0, 4.0, 20.0])
    assert (found.value, found.low, found.high, found.rounds) == (3.0, 2.0, 5.0, 3)
    assert found.seconds == (2.0, 4.0)  # whose own quotient would be 2


def test_scores_that_agree_pass():
    found = compare([[0.5, 0.1], [0.2]], [[0.50005, 0.1], [0.2]])
    assert found.difference == pytest.approx(5e-5)
    assert not found.refused


@pytest.mark.parametrize(
    ("theirs", "cause"),
    [
        ([[0.5, 0.1002]], "differ by 2.0e-04"),
        ([[0.5]], "another number"),
        ([[0.5, float("nan")]], "not finite"),
    ],
)
def test_scores_that_differ_are_refused(theirs: list[list[float]], cause: str):
    assert cause in compare([[0.5, 0.1]], theirs).refused


def test_the_same_scores_in_another_order_are_refused():
    assert "1 of 1 rankings" in compare([[0.50001, 0.5]], [[0.5, 0.50001]]).refused
    assert not compare([[0.50001, 0.5]], [[0.5, 0.50001]], same_ranks=False).refused


def test_equal_scores_keep_their_order():
    assert orders_of([[1.0, 2.0, 1.0]]) == [(1, 0, 2)]


def test_variants_take_turns_and_each_is_warmed_up_once():
    log: list[str] = []

    def variant(name: str) -> Variant:
        return Variant(
            name=name,
            run=lambda: log.append(name) or [],
            before=lambda: log.append(f"before {name}"),
            warm_up=lambda: log.append(f"warm {name}"),
        )

    ticks = iter([0.0, 1.0, 1.0, 4.0, 4.0, 6.0, 6.0, 10.0])
    times = interleave([variant("a"), variant("b")], 2, lambda: next(ticks))
    assert log[:4] == ["before a", "warm a", "before b", "warm b"]
    assert log[4:] == ["before a", "a", "before b", "b"] * 2
    assert (times["a"].whole, times["b"].whole) == ([1.0, 2.0], [3.0, 4.0])


def test_tokenising_is_timed_by_itself_and_left_out_of_computing():
    ticks = iter([0.0, 5.0, 5.0, 6.0])
    times = interleave([Variant(name="a", run=list, tokenise=lambda: None)], 1, lambda: next(ticks))
    assert times["a"].computing == [4.0]


def test_a_peer_that_disagrees_gets_no_ratio_and_no_second_round(tmp_path):
    calls = {"right": 0, "wrong": 0}

    def peer(name: str, score: float) -> Variant:
        def run() -> list[list[float]]:
            calls[name] += 1
            return [[score]]

        return Variant(name=name, run=run, warm_up=lambda: None)

    context = Context(threads=1, rounds=3, folder=tmp_path)
    peers = [peer("right", 1.0), peer("wrong", 1.1)]
    rows = compared("w", Variant(name="ours", run=lambda: [[1.0]]), peers, context, {"right": 2.0, "wrong": 2.0})
    assert calls == {"right": 3, "wrong": 1}
    refused = [row for row in rows if row.refused]
    assert [row.figure for row in refused] == ["wrong, from text"]
    assert refused[0].value is None
    assert refused[0].verdict == "refused"
    assert {row.figure for row in rows if row.value is not None} == {"right, from text", "right, compute"}


class Arranged:
    """An adapter that only arranges."""

    batch_tokens = 10

    def arrange(self, requests: object) -> Arrangement:
        return Arrangement(order=(2, 0, 1, 3), full=(6, 6, 6, 12), added=(6, 3, 3, 2))


def test_batches_open_with_the_whole_and_grow_by_what_is_added():
    assert list(batches(Arranged(), [None] * 4)) == [[2, 0], [1, 3]]  # 6 + 3, then 6 + 2
    assert list(batches(Arranged(), [None] * 4, budget=1)) == [[2], [0], [1], [3]]


ROWS = (
    Row(workload="w", figure="f", unit="x", value=2.5, low=2.0, high=3.0, rounds=5, line=2.0, seconds=(1.0, 2.5)),
    Row(workload="w", figure="memory", unit="MB", value=401.0, line=400.0, at_least=False),
    Row(workload="w", figure="peer", unit="x", line=2.0, refused="scores differ by 1.0e-01, allowed are 0.0001"),
    Row(workload="w", figure="told", value=3),
)


def test_verdicts_follow_the_direction_of_the_line():
    assert [row.verdict for row in ROWS] == ["passed", "missed", "refused", ""]
    assert summary(ROWS) == "Lines: 1 passed, 1 missed, 1 refused."


def test_the_table_has_every_row_and_no_figure_for_a_refused_one():
    lines = table(ROWS)
    assert lines[2] == "| w | f | at least 2x | 2.50x | 2 to 3 | 5 | 1 s, 2.50 s | passed |"
    assert lines[3] == "| w | memory | at most 400 MB | 401 MB |  |  |  | missed |"
    assert lines[4] == (
        "| w | peer | at least 2x |  |  |  |  | refused: scores differ by 1.0e-01, allowed are 0.0001 |"
    )
    assert len(lines) == 6


def test_an_outcome_survives_json():
    series = Series(family="embedder", axis="documents", x=(1, 10), seconds=(0.5, 5.0), peak_mb=(10.0, 11.0))
    outcome = Outcome(rows=ROWS, series=(series,), facts=("a fact",))
    assert outcome_from(outcome.as_json()) == outcome


def test_few_shot_examples_are_real_questions_with_their_judgments():
    found = passages_in(sample_folder(), "sample")
    turns = examples_of(found, skip=2)
    assert [turn.role for turn in turns] == ["user", "assistant"] * EXAMPLES
    said = [turn.parts[0].text for turn in turns[1::2]]
    assert set(said) == {"yes", "no"}
    for question, answer in zip(turns[::2], said, strict=True):
        document = next(part.document_id for part in question.parts if part.kind == "document")
        query = next(part.text for part in question.parts if part.kind == "query")
        judged = next(found.judged[one.id] for one in found.queries if one.text == query)
        assert (judged.get(document, 0) > 0) == (answer == "yes")


def test_uniform_passages_have_one_length():
    lists = uniform(passages_in(sample_folder(), "sample").lists(2, 5), 128)
    assert {len(document.text.split()) for one in lists for document in one.documents} == {128}


@pytest.mark.parametrize("name", [*CPU, *GPU])
def test_every_workload_is_there(name: str):
    assert callable(find(name))


def test_comparisons_at_a_time_share_no_core():
    cores = sorted(os.sched_getaffinity(0))
    assert slots(1, 1) == [[]]
    assert slots(len(cores), 1) == ([[core] for core in cores] if len(cores) > 1 else [[]])
    with pytest.raises(SystemExit, match="cores"):
        slots(2, len(cores))
