"""Orders by chance that depend on nothing but a seed and the query: the same on every machine and in every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from core.domain.documents import Query
from core.strategies.judges import uniform

T = TypeVar("T")


def shuffled(items: Sequence[T], seed: int, query: Query, *about: int) -> list[T]:
    """``items`` in an order drawn from ``seed``, the query's id and text and ``about`` (which round, which group)."""
    words = (query.id, query.text, *map(str, about))
    places = sorted(range(len(items)), key=lambda place: uniform(seed, *words, str(place)))
    return [items[place] for place in places]
