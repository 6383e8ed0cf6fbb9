"""Outcomes from relevance labels: on every query the system with the better value of a measure wins.

``values[system][query]`` is a measure such as nDCG@10, higher is better. Systems are compared on the queries that
both have; the one voter is the labels, so intervals of such outcomes are clustered by query.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

from core.domain.errors import InvalidInputError
from core.ratings.outcomes import Outcomes, build

VOTER = "labels"

Values = Mapping[str, Mapping[str, float]]


def from_labels(values: Values, *, margin: float = 0.0) -> Outcomes:
    """One outcome for each pair of systems and query; a tie where the values differ by ``margin`` or less.

    InvalidInputError for a negative margin and for a value that is not finite.
    """
    if not margin >= 0.0:
        raise InvalidInputError(f"The margin of a tie must not be negative, not {margin}.")
    _check(values)
    left: list[str] = []
    right: list[str] = []
    share: list[float] = []
    query: list[str] = []
    for first, second in combinations(sorted(values), 2):
        for name in sorted(values[first].keys() & values[second].keys()):
            left.append(first)
            right.append(second)
            share.append(_share(values[first][name] - values[second][name], margin))
            query.append(name)
    return build(left=left, right=right, share=share, voter=[VOTER] * len(left), query=query, systems=values)


def _share(difference: float, margin: float) -> float:
    if abs(difference) <= margin:
        return 0.5
    return 1.0 if difference > 0 else 0.0


def _check(values: Values) -> None:
    for system, by_query in values.items():
        for query, value in by_query.items():
            if not math.isfinite(value):
                raise InvalidInputError(f"{system} has the value {value} on query {query!r}; it must be finite.")
