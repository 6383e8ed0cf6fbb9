"""Reading one label, identifier or number out of whatever a model wrote.

Everything through the last ``</think>`` is dropped, and where ``<answer>`` stands only what is in it counts. A label
is read where it is marked (``[B]``, ``Passage B``, ``Answer: B``; the first such place) or where the answer begins
with it alone (``B``, ``B.``, ``**B**``). Labels are whole: ``passage 10`` never names passage 1, and the article of
"A passage about" names nothing. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_THINK, _THOUGHT = re.compile("<think>", re.IGNORECASE), re.compile("</think>", re.IGNORECASE)
_ANSWER = re.compile(r"<answer>(.*?)(</answer>|\Z)", re.DOTALL | re.IGNORECASE)
_CUT_LABEL = re.compile(r"[A-Za-z0-9]+\Z", re.ASCII)
_WHOLE = r"(?![\w-]|\.[0-9])"  # what may not follow a label
_NOUNS = "passages?|documents?|candidates?|options?|labels?|answers?|numbers?|choice"
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_GRADED = re.compile(
    rf"\b(?:grade|score|rating|relevance)\b[\s:=*_\"'(\[]*(?:is\b|of\b)?[\s:=*_\"'(\[]*({_NUMBER})(?![\w]|\.[0-9])",
    re.IGNORECASE | re.ASCII,
)
_LONE_NUMBER = re.compile(
    rf"[\s*_\"'(\[]*({_NUMBER})(?![\w]|\.[0-9])(?=[\s*_\"')\].:,;!]*\Z|\s*/|\s+out\s+of\b|[.:,;)\]]*\s*\n|[:,;)\]])",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The answering part of a text: ``text``, and ``start``, its place in the whole. ``closed``: an end tag follows."""

    text: str
    start: int
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A number that was read: its ``value``, and the characters [start, end) of the whole text that spell it."""

    value: float
    start: int
    end: int


def answering(text: str, *, expect_answer: bool = False) -> Said | None:
    """The part of ``text`` that may hold the answer; None where it never stopped thinking or, with ``expect_answer``,
    where there is no ``<answer>``."""
    ends = list(_THOUGHT.finditer(text))
    start = ends[-1].end() if ends else 0
    if not ends and _THINK.search(text):
        return None
    marked = list(_ANSWER.finditer(text, start))
    if marked:
        last = marked[-1]
        return Said(text=last.group(1), start=last.start(1), closed=bool(last.group(2)))
    return None if expect_answer else Said(text=text[start:], start=start)


def thoughts(text: str) -> str:
    """What stands between the think tags (to the end where they were not closed); "" where there are none."""
    closed = list(_THOUGHT.finditer(text))
    opened = _THINK.search(text)
    start = opened.end() if opened else 0
    if closed:
        return text[start : closed[-1].start()].strip()
    return text[start:].strip() if opened else ""


def read_label(text: str, labels: Sequence[str], *, expect_answer: bool = False, finished: bool = True) -> int | None:
    """The place in ``labels`` of the one that ``text`` names, None where it names none.

    ``finished``: False where the text was cut off, so that a label at its very end may be half a label.
    """
    said = answering(text, expect_answer=expect_answer)
    if said is None or not labels:
        return None
    answer = said.text if finished or said.closed else _CUT_LABEL.sub("", said.text)
    marked, alone = _patterns(tuple(labels))
    places = {label.casefold(): place for place, label in enumerate(labels)}
    found = marked.search(answer) or alone.match(answer)
    if found is None:
        return None
    return places[next(group for group in found.groups() if group is not None).casefold()]


def read_grade(text: str, scale: int, *, expect_answer: bool = False, finished: bool = True) -> Grade | None:
    """The number from 0 to ``scale`` that ``text`` gives as its grade; None where there is none or it is out of range.

    In an answer that is no more than a number (``7``, ``7/10``, ``7 out of 10``) it is that one, else the last one
    after the word grade, score, rating or relevance.
    """
    said = answering(text, expect_answer=expect_answer)
    if said is None:
        return None
    found = _LONE_NUMBER.match(said.text) or next(iter(reversed(list(_GRADED.finditer(said.text)))), None)
    if found is None or (not finished and not said.closed and found.end(1) == len(said.text)):
        return None
    value = float(found.group(1))
    if value > scale:
        return None
    return Grade(value=value, start=said.start + found.start(1), end=said.start + found.end(1))


@lru_cache(maxsize=256)
def _patterns(labels: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Labels where they are marked, and one that begins the answer. Longer ones first; words in any case, but a
    letter after a noun only as it is, because of the articles in "the passage a reader wants"."""
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    marked = re.compile(
        rf"\[\s*((?i:{names}))\s*\]|\b(?i:{_NOUNS})\b(?:\s+(?i:is|label(?:l?ed)?|number|no\.?)\b)?[\s:#*_\"'(\[]*({names})"
        + _WHOLE,
        re.ASCII,
    )
    alone = re.compile(
        rf"[\s*_\"'(]*((?i:{names})){_WHOLE}(?=[\s*_\"')\].:,;!?]*\Z|[*_\"')\].:,;>]|\s*[\n>])",
        re.ASCII,
    )
    return marked, alone
