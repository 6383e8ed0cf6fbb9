"""TREC runs that come with a collection: checked against it, and read up to a depth without holding the rest."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path

from core.datasets.lines import read_lines
from core.datasets.meter import Meter, silent
from core.datasets.row import Row
from core.domain.collections import CollectionReader
from core.domain.errors import ImportFormatError, UnknownNameError

Scored = tuple[tuple[str, float], ...]  # document id and score, best first


def read_top(path: Path, depth: int, meter: Meter | None = None) -> dict[str, Scored]:
    """Query id to its ``depth`` best documents by score, ties by rank, then by id; queries in file order.

    ImportFormatError: not six columns, a number that is none, an empty file. A document that a query has twice is found
    where both are among the best.
    """
    best: dict[str, list[tuple[float, float, str, int]]] = {}
    for row in _rows(path, meter or silent()):
        query, document = str(row.values["query"]), str(row.values["document"])
        kept = best.setdefault(query, [])
        entry = (_number(row, "score"), -_number(row, "rank"), document, row.line)
        if len(kept) < 2 * depth:
            heapq.heappush(kept, entry)
        else:
            heapq.heappushpop(kept, entry)
    if not best:
        raise ImportFormatError(path.name, "holds no ranking.")
    return {query: _ordered(path, query, kept)[:depth] for query, kept in best.items()}


def check_run(path: Path, reader: CollectionReader, depth: int, meter: Meter) -> int:
    """Read a run and compare it with the collection that it is of; the longest list, at most ``depth``.

    ImportFormatError where it is malformed or names a query or document that the collection does not have.
    """
    run = read_top(path, depth, meter)
    queries = {query.id for query in reader.queries()}
    for query, scored in run.items():
        if query not in queries:
            raise ImportFormatError(path.name, f"the collection has no query {query!r}.", column="query")
        try:
            reader.documents([document for document, _ in scored])
        except UnknownNameError as error:
            raise ImportFormatError(path.name, f"query {query!r}: {error}", column="document") from error
    return max(len(scored) for scored in run.values())


def _ordered(path: Path, query: str, kept: list[tuple[float, float, str, int]]) -> Scored:
    ordered = sorted(kept, key=lambda entry: (-entry[0], -entry[1], entry[2]))
    seen: dict[str, int] = {}
    for _, _, document, line in ordered:
        if document in seen:
            first, second = sorted((seen[document], line))
            cause = f"query {query!r} has document {document!r} on line {first} already."
            raise ImportFormatError(path.name, cause, line=second)
        seen[document] = line
    return tuple((document, score) for score, _, document, _ in ordered)


def _rows(path: Path, meter: Meter) -> Iterator[Row]:
    for number, line in read_lines(path, path.name, meter):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 6:
            cause = f"has {len(cells)} columns; a run has six: query Q0 document rank score tag."
            raise ImportFormatError(path.name, cause, line=number)
        names = ("query", "q0", "document", "rank", "score", "tag")
        yield Row(file=path.name, line=number, values=dict(zip(names, cells, strict=True)))


def _number(row: Row, field: str) -> float:
    text = str(row.values[field])
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise row.error(f"must be a finite number, not {text[:40]!r}.", field)
    return value
