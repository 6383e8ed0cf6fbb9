"""Tables out and in again: every format keeps every value, and nothing in a CSV runs."""

from __future__ import annotations

import csv
import io
import json
import math

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.exports.qrels import qrels_lines
from core.datasets.exports.tables import Cell, TableFormat, write_table
from core.domain.errors import InvalidInputError

COLUMNS = {
    "system": ["bm25", "=cmd()", 'a,"b"\nc'],
    "value": [0.1 + 0.2, None, -1e-300],
    "grade": [3, None, 0],
}


def written(columns: dict[str, list[Cell]], format: TableFormat) -> bytes:
    stream = io.BytesIO()
    assert write_table(stream, columns, format) == len(next(iter(columns.values()), []))
    return stream.getvalue()


def test_csv_guards_formulas_and_keeps_every_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(written(COLUMNS, TableFormat.CSV).decode("utf-8"), newline="")))
    assert [row["system"] for row in rows] == ["bm25", "'=cmd()", 'a,"b"\nc']
    assert [row["value"] for row in rows] == ["0.30000000000000004", "", "-1e-300"]
    assert [row["grade"] for row in rows] == ["3", "", "0"]


def test_json_is_a_list_of_records() -> None:
    found = json.loads(written(COLUMNS, TableFormat.JSON))
    assert [record["system"] for record in found] == COLUMNS["system"]
    assert [record["value"] for record in found] == COLUMNS["value"]
    assert json.loads(written({"a": []}, TableFormat.JSON)) == []


def test_parquet_keeps_types_and_gaps() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(COLUMNS, TableFormat.PARQUET)))
    assert table.to_pydict() == COLUMNS


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=5))
def test_any_text_survives_json_and_parquet(texts: list[str]) -> None:
    columns = {"t": [*texts, "x"]}
    assert [record["t"] for record in json.loads(written(columns, TableFormat.JSON))] == columns["t"]
    assert pyarrow.parquet.read_table(io.BytesIO(written(columns, TableFormat.PARQUET))).to_pydict() == columns


@pytest.mark.parametrize("columns", [{"a": [1], "b": [1, 2]}, {"a": [math.nan]}, {"a": [math.inf]}])
def test_uneven_and_infinite_are_refused(columns: dict[str, list[Cell]]) -> None:
    with pytest.raises(InvalidInputError, match=r"equally long|not finite"):
        write_table(io.BytesIO(), columns, TableFormat.CSV)


def test_qrels_in_trec_form_refuse_blanks() -> None:
    assert list(qrels_lines({"q1": {"d2": 2, "d1": 0}})) == ["q1 0 d2 2", "q1 0 d1 0"]
    with pytest.raises(InvalidInputError, match="document id 'd 1'"):
        list(qrels_lines({"q1": {"d 1": 1}}))
