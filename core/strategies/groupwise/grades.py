"""Reading grades such as ``{"1": 7, "2": 0}`` out of whatever a model wrote.

Identifier and grade pairs are looked for, not JSON: quotes of any kind, brackets around identifiers and a comma too
many do no harm. Of 1 to n the first grade counts; a grade outside the scale or of a foreign identifier is left out.
Of several JSON objects the last counts, earlier ones for what it leaves out (some models write one a line). What has no
grade gets none: an omission is no zero. Never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.strategies.permutation import answer_of

_PAIR = re.compile(
    r"(?<![\w.\-])[\"'`\[(]{0,3}([0-9]{1,9})[\"'`\])]{0,3}\s{0,9}:\s{0,9}[\"'`]?(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)(?![\w])",
    re.ASCII,
)
_OBJECT = re.compile(r"\{[^{}]*\}?")
_CUT_GRADE = re.compile(r":[^:,{}]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """``values``: (n_docs,), None where a document was not graded. ``repairs``: what had to be mended."""

    values: tuple[float | None, ...]
    repairs: tuple[str, ...] = ()


def parse_grades(text: str, n: int, *, highest: float, finished: bool = True) -> Grades:
    """The grades from 0 to ``highest`` of ``n`` passages numbered from 1. ``finished``: False where the text was cut
    off, so that a grade at its very end may be half a number."""
    answer = answer_of(text, finished=finished)
    if answer is None:
        return Grades(values=(None,) * n, repairs=("no answer; nothing graded",))
    if not finished:
        answer = _CUT_GRADE.sub("", answer)
    *earlier, last = [pairs for found in _OBJECT.findall(answer) if (pairs := _pairs(found))] or [_pairs(answer)]
    values: dict[int, float] = {}
    foreign = repeated = 0
    for id, grade in last:
        if not (1 <= id <= n and 0 <= grade <= highest):
            foreign += 1
        elif id in values:
            repeated += 1
        else:
            values[id] = grade
    for id, grade in (pair for pairs in reversed(earlier) for pair in pairs):
        if 1 <= id <= n and 0 <= grade <= highest:
            values.setdefault(id, grade)
    counts = ((n - len(values), "not graded"), (repeated, "repeated"), (foreign, "out of range"))
    found = ", ".join(f"{count} {what}" for count, what in counts if count)
    return Grades(values=tuple(values.get(id) for id in range(1, n + 1)), repairs=(found,) if found else ())


def _pairs(text: str) -> list[tuple[int, float]]:
    return [(int(digits), float(number)) for digits, number in _PAIR.findall(text)]
