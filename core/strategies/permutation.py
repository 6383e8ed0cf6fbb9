"""Reading a permutation such as ``[2] > [3] > [1]`` out of whatever a model wrote.

Everything through the last ``</think>`` is dropped; bracketed identifiers count before bare ones; of those 1 to n the
first occurrence counts; missing ones are appended in input order. Never raises. The numbers of a numbered list
(``1. Passage 3``) are no bare identifiers. Bare letters are read only in a chain (``B > A``) or alone on a line, so
that the articles and pronouns of prose are no passages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# At most nine digits: longer runs are no identifiers, and int() refuses those of thousands of digits.
_BRACKETED = re.compile(r"\[\s*([0-9]{1,9})\s*\]")
# Whole numbers: no parts of words, no decimals, no negative numbers (a hyphen after a digit separates two).
_BARE = re.compile(r"(?<![\w.])(?<![^0-9]-)(?<!\A-)([0-9]{1,9})(?![\w]|\.[0-9])", re.ASCII)
# The number of a line of a list, where the passage's own follows it or the text ends.
_LISTED = re.compile(
    r"^[ \t*#>-]{0,8}([0-9]{1,3})[.)]"
    r"(?:[ \t*_]{1,8}(?=(?:(?:passage|document|candidate|id|no\.?)[ \t#:]{0,4})?\(?[0-9])|\s{0,8}\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_CUT_NUMBER = re.compile(r"[0-9]+\Z", re.ASCII)
_BRACKETED_LETTER = re.compile(r"\[\s*([A-Z])\s*\]")
_CHAIN = re.compile(r"(?<!\w)[A-Z](?:\s*[>,;=]\s*[A-Z](?!\w))+")
_ALONE = re.compile(r"(?:[0-9]{1,3}[.)] {0,3})?([A-Z])")
_BULLETS = " \t-*#.:()[]>"
_LETTER = re.compile(r"[A-Z]")
_THINK, _THOUGHT = re.compile("<think>", re.IGNORECASE), re.compile("</think>", re.IGNORECASE)
_ANSWER = re.compile(r"<answer>(.*?)(</answer>|\Z)", re.DOTALL | re.IGNORECASE)
LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Permutation:
    """``order``: positions 0 to n-1, best first, always complete. ``repairs``: what had to be mended."""

    order: tuple[int, ...]
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """``places``: 0 to n-1, those that were named, in the order in which they were; perhaps none."""

    places: tuple[int, ...]
    repairs: tuple[str, ...] = ()


def parse_permutation(
    text: str, n: int, *, expect_answer: bool = False, finished: bool = True, letters: bool = False
) -> Permutation:
    """The order that ``text`` gives to ``n`` passages numbered from 1, or lettered from A.

    ``expect_answer``: only what stands in ``<answer>`` counts. ``finished``: False where the text was cut
    off, so that a number at its very end may be half a number.
    """
    answer = answer_of(text, expect_answer=expect_answer, finished=finished)
    if answer is None:
        return Permutation(order=tuple(range(n)), repairs=("no answer; order kept",) if n else ())
    named = _letters(answer, n) if letters else _numbers(answer, n)
    order = list(dict.fromkeys(id - 1 for id in named if 1 <= id <= n))
    missing = sorted(set(range(n)) - set(order))
    return Permutation(order=(*order, *missing), repairs=_repairs(named, order, missing, n))


def parse_chosen(text: str, n: int, count: int, *, finished: bool = True) -> Chosen:
    """The at most ``count`` of ``n`` passages numbered from 1 that ``text`` names."""
    answer = answer_of(text, finished=finished)
    if answer is None:
        return Chosen(places=(), repairs=("no answer",))
    named = _numbers(answer, n)
    places = tuple(dict.fromkeys(id - 1 for id in named if 1 <= id <= n))
    foreign = sum(not 1 <= id <= n for id in named)
    few, many = max(0, count - len(places)), max(0, len(places) - count)
    repeated = len(named) - foreign - len(places)
    counts = ((few, "missing"), (many, "too many"), (repeated, "repeated"), (foreign, "out of range"))
    found = ", ".join(f"{number} {what}" for number, what in counts if number)
    return Chosen(places=places[:count], repairs=(found,) if found else ())


def answer_of(text: str, *, expect_answer: bool = False, finished: bool = True) -> str | None:
    """The part of the text that may hold the answer, without a number cut in half; None where there is none."""
    text = _THOUGHT.split(text)[-1]
    if _THINK.search(text):
        return None  # it never stopped thinking: numbers in a train of thought are no ranking
    marked: list[tuple[str, str]] = _ANSWER.findall(text)
    if not marked and expect_answer:
        return None
    answer, end = marked[-1] if marked else (text, "")
    return whole_numbers(answer, finished=finished or bool(end))


def whole_numbers(text: str, *, finished: bool) -> str:
    """The text without a number at its very end, unless it is ``finished``: it may be half a number."""
    return text if finished else _CUT_NUMBER.sub("", text)


def thought_of(text: str, tag: str = "think") -> str:
    """What stands between the tags, unclosed ones included; "" where there is nothing. The opening tag may be missing,
    because some chat templates write it."""
    found = re.findall(rf"(?:\A|<{tag}>)((?:(?!<{tag}>).)*?)</{tag}>", text, re.DOTALL | re.IGNORECASE)
    rest = re.split(f"</{tag}>", text, flags=re.IGNORECASE)[-1]
    opened = re.split(f"<{tag}>", rest, maxsplit=1, flags=re.IGNORECASE)
    return "\n".join(part.strip() for part in [*found, *opened[1:]] if part.strip())


def _numbers(text: str, n: int) -> list[int]:
    """All identifiers in order: the bracketed ones where any of them is one of ours, else bare integers."""
    bracketed = [int(digits) for digits in _BRACKETED.findall(text)]
    if any(1 <= id <= n for id in bracketed):
        return bracketed
    return [int(digits) for digits in _BARE.findall(_without_list_numbers(text))]


def _without_list_numbers(text: str) -> str:
    """The text without the 1., 2., 3. ... of a list of two lines or more that hold a passage's number each."""
    listed = [int(digits) for digits in _LISTED.findall(text)]
    return _LISTED.sub("", text) if len(listed) > 1 and listed == list(range(1, len(listed) + 1)) else text


def _letters(text: str, n: int) -> list[int]:
    """As ``_numbers``, A for 1: bracketed letters, else those of chains, else those alone on their lines."""
    chains = "".join(_CHAIN.findall(text))
    for listed in (_BRACKETED_LETTER.findall(text), _LETTER.findall(chains)):
        named = [ord(letter) - ord("A") + 1 for letter in listed]
        if any(id <= n for id in named):
            return named
    alone = (_ALONE.fullmatch(line.strip(_BULLETS)) for line in text.splitlines())
    return [ord(found.group(1)) - ord("A") + 1 for found in alone if found]


def _repairs(named: list[int], order: list[int], missing: list[int], n: int) -> tuple[str, ...]:
    if n and not order:
        return ("no identifier; order kept",)
    foreign = sum(not 1 <= id <= n for id in named)
    repeated = len(named) - foreign - len(order)
    counts = ((len(missing), "missing"), (repeated, "repeated"), (foreign, "out of range"))
    found = ", ".join(f"{count} {what}" for count, what in counts if count)
    return (found,) if found else ()
