"""Reading a permutation such as ``[2] > [3] > [1]`` out of whatever a model wrote.

Everything through the last ``</think>`` is dropped; bracketed identifiers count before bare integers; of
those 1 to n the first occurrence counts; missing ones are appended in input order. Never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# At most nine digits: longer runs are no identifiers, and int() refuses those of thousands of digits.
_BRACKETED = re.compile(r"\[\s*([0-9]{1,9})\s*\]")
_BARE = re.compile(r"(?<![\w.])([0-9]{1,9})(?![\w]|\.[0-9])", re.ASCII)
_CUT_NUMBER = re.compile(r"[0-9]+\Z", re.ASCII)
_THINK, _THOUGHT = "<think>", "</think>"
_ANSWER = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permutation:
    """``order``: positions 0 to n-1, best first, always complete. ``repairs``: what had to be mended."""

    order: tuple[int, ...]
    repairs: tuple[str, ...] = ()


def parse_permutation(text: str, n: int, *, expect_answer: bool = False, finished: bool = True) -> Permutation:
    """The order that ``text`` gives to ``n`` passages numbered from 1.

    ``expect_answer``: only what stands in ``<answer>`` counts. ``finished``: False where the text was cut
    off, so that a number at its very end may be half a number.
    """
    answer = _answer(text, expect_answer=expect_answer)
    if answer is None:
        return Permutation(order=tuple(range(n)), repairs=("no answer; order kept",) if n else ())
    named = _identifiers(answer if finished else _CUT_NUMBER.sub("", answer), n)
    order = list(dict.fromkeys(id - 1 for id in named if 1 <= id <= n))
    missing = sorted(set(range(n)) - set(order))
    return Permutation(order=(*order, *missing), repairs=_repairs(named, order, missing, n))


def _answer(text: str, *, expect_answer: bool) -> str | None:
    """The part of the text that may hold the answer, None where there is none."""
    if _THOUGHT in text:
        text = text.rsplit(_THOUGHT, 1)[1]
    elif _THINK in text:
        return None  # it never stopped thinking: numbers in a train of thought are no ranking
    marked = _ANSWER.findall(text)
    if marked:
        return str(marked[-1])
    return None if expect_answer else text


def _identifiers(text: str, n: int) -> list[int]:
    """All identifiers in order: the bracketed ones where any of them is one of ours, else bare integers."""
    bracketed = [int(digits) for digits in _BRACKETED.findall(text)]
    if any(1 <= id <= n for id in bracketed):
        return bracketed
    return [int(digits) for digits in _BARE.findall(text)]


def _repairs(named: list[int], order: list[int], missing: list[int], n: int) -> tuple[str, ...]:
    if n and not order:
        return ("no identifier; order kept",)
    foreign = sum(not 1 <= id <= n for id in named)
    repeated = len(named) - foreign - len(order)
    counts = ((len(missing), "missing"), (repeated, "repeated"), (foreign, "out of range"))
    found = ", ".join(f"{count} {what}" for count, what in counts if count)
    return (found,) if found else ()
