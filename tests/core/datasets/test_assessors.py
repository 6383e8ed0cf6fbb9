"""Several assessors: the median counts, everybody's grades are kept apart, and repeats are told from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.assessors import median_grade
from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.datasets.qrels import read_qrels
from core.domain.errors import ImportFormatError
from tests.support.collections_on_disk import jsonl, small_folder, write_files

NAMED = (
    "query-id\tcorpus-id\tscore\tassessor\nq1\ta\t0\tann\nq1\ta\t3\tben\nq1\ta\t1\tcyd\nq1\tb\t2\tann\nq2\tb\t1\tben\n"
)
TREC = "q1 1 a 0\nq1 2 a 3\nq1 1 b 2\nq2 2 b 1\n"


def imported(tmp_path: Path, files: dict[str, str | bytes]) -> CollectionFile:
    folder = write_files(tmp_path / "source", small_folder() | files)
    return CollectionFile(import_source(folder, tmp_path / "target", name="test")[0].path)


@pytest.mark.parametrize(
    ("grades", "expected"), [([2], 2), ([0, 3], 0), ([3, 1, 2], 2), ([0, 1, 2, 3], 1), ([1, 1, 0, 0], 0)]
)
def test_the_lower_of_two_middle_grades(grades: list[int], expected: int) -> None:
    assert median_grade(grades) == expected


def test_a_column_names_the_assessor(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": NAMED})
    assert reader.qrels() == {"q1": {"a": 1, "b": 2}, "q2": {"b": 1}}
    assert reader.assessments("q1") == {"ann": {"a": 0, "b": 2}, "ben": {"a": 3}, "cyd": {"a": 1}}
    assert reader.assessments("q2") == {"ben": {"b": 1}}
    assert reader.assessments("none") == {}
    assert len(reader.all_assessments()) == 5


def test_iterations_are_assessors_where_one_pair_has_two(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": TREC})
    assert reader.qrels() == {"q1": {"a": 0, "b": 2}, "q2": {"b": 1}}
    assert reader.assessments("q1") == {"1": {"a": 0, "b": 2}, "2": {"a": 3}}


def test_iterations_mean_nothing_where_every_pair_is_judged_once(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": "q1 1 a 0\nq1 2 b 2\n"})
    assert reader.qrels() == {"q1": {"a": 0, "b": 2}}
    assert reader.assessments("q1") == {}


def test_one_assessor_is_nobody_to_tell_apart(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": "query-id\tcorpus-id\tscore\tassessor\nq1\ta\t2\tann\n"})
    assert (reader.qrels(), reader.assessments("q1")) == ({"q1": {"a": 2}}, {})


def test_files_with_and_without_assessors(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": "q1\ta\t3\n", "qrels/more.tsv": TREC})
    assert reader.assessments("q1") == {"1": {"a": 0, "b": 2}, "2": {"a": 3}, "qrels/test.tsv": {"a": 3}}
    assert reader.qrels()["q1"] == {"a": 3, "b": 2}


def test_hits_by_several_assessors(tmp_path: Path) -> None:
    hits = [
        {"query": "x", "id": "a", "text": "one", "rank": 1, "grade": 2, "assessor": "ann"},
        {"query": "x", "id": "b", "text": "two", "rank": 2, "grade": 0, "assessor": "ann"},
        {"query": "x", "id": "a", "text": "one", "rank": 1, "grade": 1, "assessor": "ben"},
    ]
    write_files(tmp_path, {"hits.jsonl": jsonl(*hits)})
    reader = CollectionFile(import_source(tmp_path / "hits.jsonl", tmp_path / "target", name="test")[0].path)
    found = reader.candidates("q1")
    assert found is not None
    assert found.ids == ("a", "b")
    assert reader.assessments("q1") == {"ann": {"a": 2, "b": 0}, "ben": {"a": 1}}
    assert reader.judgments("q1") == {"a": 1, "b": 0}


def test_unjudged_is_not_grade_zero(tmp_path: Path) -> None:
    reader = imported(tmp_path, {"qrels/test.tsv": "q1\ta\t0\nq1\tgone\t1\n"})
    assert reader.judgments("q1") == {"a": 0, "gone": 1}
    assert "b" not in reader.judgments("q1")
    assert (reader.grade_counts(), reader.judged_counts()) == ({0: 1, 1: 1}, (1, 1))


def test_who_gave_which_grade_is_in_the_fingerprint_and_old_ones_stay(tmp_path: Path) -> None:
    plain = imported(tmp_path / "one", {"qrels/test.tsv": "q1\ta\t0\nq1\tb\t2\nq2\tb\t1\n"})
    trec = imported(tmp_path / "two", {"qrels/test.tsv": TREC})
    assert plain.qrels() == trec.qrels()
    assert plain.fingerprints == trec.fingerprints
    assert plain.fingerprint != trec.fingerprint


@pytest.mark.parametrize(
    ("content", "line", "column", "cause"),
    [
        (NAMED + "q1\ta\t2\tben\n", 7, None, "were judged on line 2 already"),
        (NAMED + "q1\ta\t2\t\n", 7, "assessor", "is empty"),
        (NAMED + "q1\ta\t2\n", 7, None, "has 3 cells, but the header names 4"),
        (TREC + "q1 2 a 0\n", 5, None, "were judged on line 1 already"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, content: str, line: int, column: str | None, cause: str) -> None:
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, {"qrels/test.tsv": content})
    assert (caught.value.file, caught.value.line, caught.value.column) == ("qrels/test.tsv", line, column)
    assert cause in caught.value.cause


def test_files_that_contradict_for_one_assessor(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="another file of judgments says 0"):
        imported(tmp_path, {"qrels/a.tsv": NAMED, "qrels/test.tsv": NAMED.replace("\t0\tann", "\t2\tann")})


def test_a_file_of_judgments_alone(tmp_path: Path) -> None:
    write_files(tmp_path, {"q.tsv": NAMED})
    assert read_qrels(tmp_path / "q.tsv") == {"q1": {"a": 1, "b": 2}, "q2": {"b": 1}}
