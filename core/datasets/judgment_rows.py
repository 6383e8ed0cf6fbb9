"""Judgments of a file as rows: TSV or TREC qrels by lines; CSV, JSON lines and Parquet by named columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.datasets.lines import read_lines
from core.datasets.meter import Meter
from core.datasets.records import OBJECTS, PARQUET, Records
from core.datasets.row import Row
from core.datasets.vocabulary import JUDGMENTS
from core.domain.errors import ImportFormatError

QUERY, DOCUMENT, GRADE, ASSESSOR, ITERATION = "query-id", "corpus-id", "score", "assessor", "iteration"
HEADERS = frozenset({"query-id", "query_id", "queryid", "qid", "query"})
ASSESSORS = frozenset({"assessor", "assessor_id", "assessor-id", "judge", "rater", "annotator"})


def judgment_rows(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Rows with the fields QUERY, DOCUMENT, GRADE and ASSESSOR or ITERATION where there is one."""
    if path.suffix.lower() in (".csv", *OBJECTS, *PARQUET):
        return Records(path, JUDGMENTS).read(meter)
    return _lines(path, name, meter)


def _lines(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    assessors = False
    for number, line in read_lines(path, name, meter):
        if number == 1 and (header := [cell.strip().lower() for cell in line.split("\t")])[0] in HEADERS:
            assessors = len(header) == 4 and header[3] in ASSESSORS
            continue
        if line.strip():
            yield Row(file=name, line=number, values=_cells(line, name, number, assessors))


def _cells(line: str, name: str, number: int, assessors: bool) -> dict[str, object]:
    cells = line.split("\t")
    if assessors:
        if len(cells) != 4:
            cause = f"has {len(cells)} cells, but the header names 4 columns: query-id, corpus-id, score, assessor."
            raise ImportFormatError(name, cause, line=number)
        return {QUERY: cells[0], DOCUMENT: cells[1], GRADE: cells[2].strip(), ASSESSOR: cells[3].strip()}
    if len(cells) == 3:
        return {QUERY: cells[0], DOCUMENT: cells[1], GRADE: cells[2].strip()}
    cells = line.split()
    if len(cells) == 4:
        return {QUERY: cells[0], ITERATION: cells[1], DOCUMENT: cells[2], GRADE: cells[3]}
    cause = "expected query-id, corpus-id and score parted by tabs, or the four columns of TREC qrels."
    raise ImportFormatError(name, cause, line=number)
