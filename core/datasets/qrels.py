"""Relevance judgments from files: BEIR's ``query-id corpus-id score`` with tabs, or TREC's four columns.

TREC qrels: ``query iteration document grade``, parted by blanks. A header line is recognised by its first
cell. Negative grades (junk in TREC's usage) count as 0, judged irrelevant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.lines import read_lines
from core.datasets.meter import Meter
from core.datasets.row import MAX_GRADE, Row
from core.domain.collections import Qrels
from core.domain.errors import ImportFormatError

HEADERS = frozenset({"query-id", "query_id", "queryid", "qid", "query"})


@dataclass(slots=True, kw_only=True)
class Judgments:
    """Judgments gathered from one or several files. ``negative``: how many grades were raised to 0."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    negative: int = 0

    def add(self, row: Row, seen: dict[tuple[str, str], int]) -> None:
        """Take the judgment in ``row``; ``seen`` holds the pairs of the same file with their lines."""
        query, document = row.identifier("query-id"), row.identifier("corpus-id")
        if (query, document) in seen:
            line = seen[query, document]
            raise row.error(f"query {query!r} and document {document!r} were judged on line {line} already.")
        seen[query, document] = row.line
        grade = row.optional_whole("score", least=-MAX_GRADE, most=MAX_GRADE)
        if grade is None:
            raise row.error("is missing; a whole number is needed.", "score")
        self.negative += grade < 0
        grade = max(grade, 0)
        known = self.grades.setdefault(query, {}).setdefault(document, grade)
        if known != grade:
            cause = f"grade {grade}, but another file of judgments says {known} for query {query!r}, {document!r}."
            raise row.error(cause, "score")


def read_judgments(path: Path, name: str, meter: Meter, into: Judgments) -> int:
    """Add the judgments of one file; how many there were. ImportFormatError where malformed or empty."""
    seen: dict[tuple[str, str], int] = {}
    for row in _rows(path, name, meter):
        into.add(row, seen)
    if not seen:
        raise ImportFormatError(name, "holds no judgments.")
    return len(seen)


def read_qrels(path: Path) -> Qrels:
    """All judgments of one file, query id to document id to grade. ImportFormatError where malformed."""
    judgments = Judgments()
    read_judgments(path, path.name, Meter(0, lambda _done, _total: None, lambda: False), judgments)
    return judgments.grades


def _rows(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    for number, line in read_lines(path, name, meter):
        if not line.strip() or (number == 1 and line.split("\t")[0].strip().lower() in HEADERS):
            continue
        yield Row(file=name, line=number, values=_cells(line, name, number))


def _cells(line: str, name: str, number: int) -> dict[str, object]:
    cells = line.split("\t")
    if len(cells) == 3:
        return {"query-id": cells[0], "corpus-id": cells[1], "score": cells[2].strip()}
    cells = line.split()
    if len(cells) == 4:
        return {"query-id": cells[0], "corpus-id": cells[2], "score": cells[3]}
    cause = "expected query-id, corpus-id and score parted by tabs, or the four columns of TREC qrels."
    raise ImportFormatError(name, cause, line=number)
