"""TREC runs in and out: ``query Q0 document rank score tag`` per line, parted by blanks.

trec_eval orders by score alone, read in single precision, so scores are written strictly decreasing in single
precision: where they tie, rise or are absent, the order decides and the next lower number is written.
"""

from __future__ import annotations

import math
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.lines import read_lines
from core.datasets.meter import Meter
from core.domain.errors import ImportFormatError, InvalidInputError

LARGEST = 3e38  # scores beyond do not fit single precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document of a run; higher scores are better."""

    document: str
    score: float


def run_lines(
    orders: Mapping[str, Sequence[str]], *, tag: str, scores: Mapping[str, Sequence[float] | None] | None = None
) -> Iterator[str]:
    """The lines of a run, without breaks: query id to document ids, best first, and scores aligned with them.

    InvalidInputError: blanks in an id or the tag, a document twice, a score that is not finite.
    """
    check_word("tag", tag)
    for query, order in orders.items():
        check_word("query id", query)
        if len(set(order)) != len(order):
            raise InvalidInputError(f"Query {query!r} ranks a document twice.")
        written = decreasing_scores(len(order), (scores or {}).get(query))
        for place, (document, score) in enumerate(zip(order, written, strict=True), start=1):
            check_word("document id", document)
            yield f"{query} Q0 {document} {place} {score:.9g} {tag}"


def write_run(
    path: Path,
    orders: Mapping[str, Sequence[str]],
    *,
    tag: str,
    scores: Mapping[str, Sequence[float] | None] | None = None,
) -> None:
    """Write a run to ``path``, whole or not at all; arguments and errors as ``run_lines``."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in run_lines(orders, tag=tag, scores=scores))
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def decreasing_scores(n: int, scores: Sequence[float] | None) -> list[float]:
    """``n`` strictly decreasing single-precision numbers nearest below ``scores``; n ... 1 where there are none."""
    if scores is None:
        return [float(n - place) for place in range(n)]
    if len(scores) != n:
        raise InvalidInputError(f"{n} documents but {len(scores)} scores.")
    if not all(math.isfinite(score) for score in scores):
        raise InvalidInputError("A score is not finite; such a ranking cannot be written.")
    if any(abs(score) > LARGEST for score in scores):
        return decreasing_scores(n, None)
    written: list[float] = []
    below = np.float32(np.inf)
    for score in scores:
        below = min(np.float32(score), np.nextafter(below, np.float32(-np.inf)))
        written.append(float(below))
    return written


def read_run(path: Path) -> dict[str, tuple[Hit, ...]]:
    """Query id to hits, queries in file order, hits by falling score, ties by the rank column, then by id.

    ImportFormatError: not six columns, a rank or score that is no number, a document twice, an empty file.
    """
    found: dict[str, list[tuple[float, float, str]]] = {}
    lines: dict[tuple[str, str], int] = {}
    for number, line in read_lines(path, path.name, Meter(0, lambda _done, _total: None, lambda: False)):
        if not line.strip():
            continue
        cells = line.split()
        if len(cells) != 6:
            cause = f"has {len(cells)} columns; a run has six: query Q0 document rank score tag."
            raise ImportFormatError(path.name, cause, line=number)
        query, _, document, rank, score, _ = cells
        if (query, document) in lines:
            cause = f"query {query!r} has document {document!r} on line {lines[query, document]} already."
            raise ImportFormatError(path.name, cause, line=number)
        lines[query, document] = number
        place = _number(rank, path.name, number, "rank")
        found.setdefault(query, []).append((-_number(score, path.name, number, "score"), place, document))
    if not found:
        raise ImportFormatError(path.name, "holds no ranking.")
    return {
        query: tuple(Hit(document=document, score=-negative) for negative, _, document in sorted(hits))
        for query, hits in found.items()
    }


def _number(text: str, name: str, line: int, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ImportFormatError(name, f"must be a finite number, not {text[:40]!r}.", line=line, column=column)
    return value


def check_word(what: str, text: str) -> None:
    """InvalidInputError where ``text`` is empty or holds blanks, which part the columns of TREC files."""
    if len(text.split()) != 1 or text.split()[0] != text:
        raise InvalidInputError(f"A TREC file cannot hold the {what} {text!r}: it is empty or has blanks in it.")
