"""Relevance judgments from files: BEIR's ``query-id corpus-id score`` with tabs, TREC's four columns, named columns.

TREC qrels: ``query iteration document grade``, parted by blanks. A header line is recognised by its first cell. A
fourth column of a file with tabs and a header is the assessor; in TREC qrels the iteration is, where one pair of query
and document was judged under two iterations. Negative grades (junk in TREC's usage) count as 0, judged irrelevant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.assessors import Assessments, Graded
from core.datasets.judgment_rows import ASSESSOR, DOCUMENT, GRADE, ITERATION, QUERY, judgment_rows
from core.datasets.meter import Meter, silent
from core.datasets.row import MAX_GRADE, Row
from core.domain.collections import Qrels
from core.domain.errors import ImportFormatError


@dataclass(slots=True, kw_only=True)
class Judgments:
    """Judgments gathered from one or several files. ``negative``: how many grades were raised to 0."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    negative: int = 0
    graded: Graded = field(default_factory=Graded)

    def add_file(self, rows: Iterator[Row], name: str) -> int:
        """Take the judgments of one file (``name``); how many there were. ImportFormatError where malformed."""
        found = _FileJudgments(name=name, before=self)
        for row in rows:
            found.add(row)
        if not found.first:
            raise ImportFormatError(name, "holds no judgments.")
        found.hand_over()
        return len(found.first) + sum(len(more) for more in found.more.values())

    def drop_unknown(self, known: set[str]) -> tuple[int, int]:
        """Forget judgments of queries that are not ``known``: how many judgments, of how many queries."""
        strangers = [query for query in self.grades if query not in known]
        lost = sum(len(self.grades.pop(query)) for query in strangers)
        for query in strangers:
            self.graded.apart.pop(query, None)
        return lost, len(strangers)

    def finished(self) -> tuple[Qrels, Assessments]:
        """Median grades; and who gave which, nothing where fewer than two assessors are told apart."""
        if len(self.graded.assessors) < 2:
            return self.grades, {}
        return self.grades, self.graded.apart


@dataclass(slots=True, kw_only=True)
class _FileJudgments:
    """One file: the first judgment of every pair, and further ones by assessors."""

    name: str
    before: Judgments
    first: dict[tuple[str, str], tuple[int, int, str]] = field(default_factory=dict)  # line, grade, who
    more: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    named: bool = False

    def add(self, row: Row) -> None:
        query, document = row.identifier(QUERY), row.identifier(DOCUMENT)
        grade = row.optional_whole(GRADE, least=-MAX_GRADE, most=MAX_GRADE)
        if grade is None:
            raise row.error("is missing; a whole number is needed.", GRADE)
        self.before.negative += grade < 0
        grade = max(grade, 0)
        self.named = self.named or ASSESSOR in row.values
        who = row.identifier(ASSESSOR) if ASSESSOR in row.values else row.optional_text(ITERATION)
        pair = (query, document)
        self._check_before(row, query, document, who, grade)
        if pair not in self.first:
            self.first[pair] = (row.line, grade, who)
            return
        line, _, other = self.first[pair]
        others = self.more.setdefault(pair, {})
        if who == other or who in others:
            raise row.error(f"query {query!r} and document {document!r} were judged on {row.unit} {line} already.")
        others[who] = grade

    def _check_before(self, row: Row, query: str, document: str, who: str, grade: int) -> None:
        graded = self.before.graded
        known = graded.known(query, who, document) if graded.apart else None
        if known is None and not self.named and not graded.apart:
            known = self.before.grades.get(query, {}).get(document)
        if known not in (None, grade):
            cause = f"grade {grade}, but another file of judgments says {known} for query {query!r}, {document!r}."
            raise row.error(cause, GRADE)

    def hand_over(self) -> None:
        """Add to what came before. Where assessors are told apart, a file without them counts as one assessor."""
        before = self.before
        apart = self.named or bool(self.more)
        if not apart and not before.graded.apart:
            for (query, document), (_, grade, _) in self.first.items():
                before.grades.setdefault(query, {})[document] = grade
            return
        if before.grades and not before.graded.apart:
            for query, grades in before.grades.items():
                for document, grade in grades.items():
                    before.graded.add(query, "other files", document, grade)
        for (query, document), (_, grade, who) in self.first.items():
            before.graded.add(query, who if apart else self.name, document, grade)
            for other, further in self.more.get((query, document), {}).items():
                before.graded.add(query, other, document, further)
        before.grades = before.graded.medians()


def read_judgments(path: Path, name: str, meter: Meter, into: Judgments) -> int:
    """Add the judgments of one file; how many there were. ImportFormatError where malformed or empty."""
    return into.add_file(judgment_rows(path, name, meter), name)


def read_qrels(path: Path) -> Qrels:
    """All judgments of one file, query id to document id to grade. ImportFormatError where malformed."""
    judgments = Judgments()
    read_judgments(path, path.name, silent(), judgments)
    return judgments.finished()[0]


def gathered_judgments(
    paths: Sequence[Path], meter: Meter, known: set[str], where: str, folder: str = ""
) -> tuple[Judgments, tuple[str, ...]]:
    """The judgments of several files, and what was odd. ``known``: query ids; ``where``: which file has them.

    ``folder``: put before the names of files in errors.
    """
    judgments = Judgments()
    for path in paths:
        read_judgments(path, f"{folder}{path.name}", meter, judgments)
    warnings = []
    if len(paths) > 1:
        warnings.append(f"Judgments of {', '.join(path.name for path in paths)} were merged.")
    return judgments, (*warnings, *odd_judgments(judgments, known, where))


def odd_judgments(judgments: Judgments, known: set[str], where: str) -> tuple[str, ...]:
    """Say what was raised to 0, and leave out judgments of queries that ``where`` does not have."""
    warnings = []
    if judgments.negative:
        warnings.append(f"{judgments.negative} negative grades were imported as 0 (judged irrelevant).")
    lost, strangers = judgments.drop_unknown(known)
    if lost:
        warnings.append(f"{lost} judgments of {strangers} queries that {where} does not have were left out.")
    return tuple(warnings)
