"""Where two JSON values differ, number by number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from core.domain.canonical import Json

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``place``: keys and positions from the top, joined by dots."""

    place: str
    written: str
    found: str


def differences(written: Json, found: Json, *, tolerance: float = TOLERANCE, place: str = "") -> Iterator[Difference]:
    """Every place where ``found`` is not what was ``written``; numbers may differ by ``tolerance``, absolute or
    relative to the larger."""
    if isinstance(written, dict) and isinstance(found, dict):
        for key in sorted(written.keys() | found.keys()):
            yield from differences(
                written.get(key, "(absent)"), found.get(key, "(absent)"), tolerance=tolerance, place=f"{place}.{key}"
            )
    elif isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        for number, (one, other) in enumerate(zip(written, found, strict=True)):
            yield from differences(one, other, tolerance=tolerance, place=f"{place}.{number}")
    elif not _same(written, found, tolerance):
        yield Difference(place=place.lstrip("."), written=_short(written), found=_short(found))


def numbers(value: Json) -> int:
    """How many numbers there are in it."""
    if isinstance(value, dict):
        return sum(map(numbers, value.values()))
    if isinstance(value, list):
        return sum(map(numbers, value))
    return int(_is_number(value))


def _same(written: Json, found: Json, tolerance: float) -> bool:
    if _is_number(written) and _is_number(found):
        try:
            return math.isclose(written, found, rel_tol=tolerance, abs_tol=tolerance)
        except OverflowError:  # an integer beyond every float
            return written == found
    return type(written) is type(found) and written == found


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
