"""Reading a generated answer by what was wanted of it: which documents it names, in which order, with which grades.

This is for people who look at a trace. What a strategy made of a text is in its steps and repairs; both read alike
where an answer is well formed, and a text that is not says so here by ``complete``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.domain.requests import Wanted
from core.strategies.permutation import parse_permutation

_THOUGHT = "</think>"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_NUMBERED = re.compile(r"\[[0-9]+\]", re.ASCII)
_AFTER_NAME = r"[\"']?\s*[:=]\s*[\"']?([0-9]+(?:\.[0-9]+)?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``named``: places of the documents in the order in which the answer names them; ``grades``: place to number.

    ``complete``: whether everything that was wanted is there, once each; None where nothing in particular was wanted.
    """

    named: tuple[int, ...] = ()
    grades: dict[int, float] = field(default_factory=dict)
    complete: bool | None = None


def said(text: str, wanted: Wanted, documents: int, *, finished: bool = True) -> Said:
    """What ``text`` says of the ``documents`` of its prompt."""
    if wanted.kind == "text":
        return Said()
    answer, framed = _answer(text, wanted.frame)
    names = wanted.names or tuple(f"[{number}]" for number in range(1, documents + 1))
    if wanted.kind == "grade":
        return _grade(answer, wanted.scale)
    if wanted.kind == "grades":
        grades = _grades(answer, names)
        return Said(grades=grades, complete=len(grades) == len(names))
    if wanted.kind in ("order", "worst-first") and _plain_numbers(names):
        read = parse_permutation(text, len(names), expect_answer=not framed, finished=finished)
        found = [] if len(read.repairs) == 1 and "kept" in read.repairs[0] else list(read.order)
        return Said(named=tuple(found), complete=not read.repairs)
    found = _named(answer, names)
    once = tuple(dict.fromkeys(found))
    return Said(named=once, complete=_complete(wanted, len(found), len(once), len(names)))


def _answer(text: str, frame: str) -> tuple[str, bool]:
    """What stands in the frame, and whether the frame is there."""
    text = text.rsplit(_THOUGHT, 1)[-1]
    before, _, after = (part.strip() for part in frame.partition("{}"))
    if not before and not after:
        return text, True
    framed = before in text
    inner = text.rsplit(before, 1)[1] if before and framed else text
    return (inner.split(after, 1)[0] if after else inner), framed


def _plain_numbers(names: tuple[str, ...]) -> bool:
    return all(_NUMBERED.fullmatch(name) and name == f"[{number}]" for number, name in enumerate(names, start=1))


def _named(answer: str, names: tuple[str, ...]) -> list[int]:
    """Places of the names in the order in which they occur; "passage 1" is not in "passage 10"."""
    places = {name.casefold(): place for place, name in enumerate(names)}
    longest_first = sorted(places, key=len, reverse=True)
    if not longest_first:
        return []
    pattern = "|".join(_guarded(name) for name in longest_first)
    return [places[found.group().casefold()] for found in re.finditer(pattern, answer, re.IGNORECASE)]


def _guarded(name: str) -> str:
    left = r"(?<!\w)" if name[:1].isalnum() else ""
    right = r"(?!\w)" if name[-1:].isalnum() else ""
    return f"{left}{re.escape(name)}{right}"


def _complete(wanted: Wanted, found: int, once: int, names: int) -> bool:
    if wanted.kind in ("best", "worst"):
        return found >= 1
    if wanted.kind == "top":
        return once >= min(wanted.count, names)
    return found == once == names


def _grade(answer: str, scale: int) -> Said:
    """The last number in range: models restate the scale before they grade."""
    values = [value for value in map(float, _NUMBER.findall(answer)) if 0 <= value <= scale]
    return Said(grades={0: values[-1]} if values else {}, complete=bool(values))


def _grades(answer: str, names: tuple[str, ...]) -> dict[int, float]:
    found = {}
    for place, name in enumerate(names):
        match = re.search(_guarded(name) + _AFTER_NAME, answer, re.IGNORECASE)
        if match:
            found[place] = float(match.group(1))
    return found
