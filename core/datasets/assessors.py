"""Grades of several assessors: kept apart, and brought together by the median, the lower of two middle ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Assessments = dict[str, dict[str, dict[str, int]]]  # query id -> assessor -> document id -> grade


def median_grade(grades: Sequence[int]) -> int:
    """The middle grade; of an even number the lower of the two in the middle, so that it is a grade somebody gave."""
    return sorted(grades)[(len(grades) - 1) // 2]


@dataclass(slots=True)
class Graded:
    """Who gave which grade, gathered judgment by judgment."""

    apart: Assessments = field(default_factory=dict)

    def known(self, query: str, assessor: str, document: str) -> int | None:
        """The grade that was added before, or None."""
        return self.apart.get(query, {}).get(assessor, {}).get(document)

    def add(self, query: str, assessor: str, document: str, grade: int) -> None:
        """One judgment."""
        self.apart.setdefault(query, {}).setdefault(assessor, {})[document] = grade

    @property
    def assessors(self) -> frozenset[str]:
        """Everybody who judged something."""
        return frozenset(name for assessors in self.apart.values() for name in assessors)

    def medians(self) -> dict[str, dict[str, int]]:
        """Query id to document id to the median of its grades, in the order in which they were added."""
        found: dict[str, dict[str, list[int]]] = {}
        for query, assessors in self.apart.items():
            for grades in assessors.values():
                for document, grade in grades.items():
                    found.setdefault(query, {}).setdefault(document, []).append(grade)
        return {
            query: {document: median_grade(grades) for document, grades in documents.items()}
            for query, documents in found.items()
        }
