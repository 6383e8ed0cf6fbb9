"""Ratings over time: the votes cast until some moments, each rated with its interval.

Moments lie at equal steps of the number of votes, so that each tells as much as the last and a quiet month takes no
point. Intervals are the board's own (clustered); of more than LONG comparisons there are half as many moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from core.domain.comparisons import Integers
from core.ratings.board import Board as Fitted
from core.ratings.board import rate
from core.ratings.outcomes import Outcomes
from core.services.board.board_views import History, Line, Point
from core.services.board.boards import BoardRequest
from core.services.board.rated_slice import met_systems

POINTS = 20
LONG = 200_000
ALIKE = 1e-6  # points or shares of a rating that are no difference


def history(outcomes: Outcomes, at: Integers, request: BoardRequest, labels: Mapping[str, str]) -> History:
    """``outcomes``: of the board's systems that have met. ``at``: (n,) milliseconds of each, in the order of the log.

    The lines are in the order of the last ratings.
    """
    moments = _moments(at)
    if len(moments) < 2:
        return History(lines=(), sentence="All votes were cast at one moment, so there is no course to show.")
    points: dict[str, list[Point]] = {system: [] for system in outcomes.systems}
    last: dict[str, float] = {}
    for moment in moments:
        part = outcomes.where(at <= moment)
        for system, point in _rated(part, request, int(moment)).items():
            points[system].append(point)
            last[system] = -1.0 if point.rating is None else point.rating
    ordered = sorted(points, key=lambda system: (-last[system], labels[system]))
    return History(
        lines=tuple(Line(system=labels[system], points=tuple(points[system])) for system in ordered),
        sentence=_sentence(points, labels),
    )


def _moments(at: Integers) -> list[int]:
    """Times at equal steps of the number of votes, the last vote's included."""
    if not len(at):
        return []
    count = POINTS if len(at) <= LONG else POINTS // 2
    steps = np.linspace(0, len(at) - 1, count + 1)[1:].round().astype(np.int64)
    return sorted(set(np.sort(at)[steps].tolist()))


def _rated(part: Outcomes, request: BoardRequest, moment: int) -> dict[str, Point]:
    """A point for every system; without a rating where it has not met others or nothing is identifiable."""
    met = part.only(met_systems(part))
    fitted = rate(met, method=request.method) if len(met) else None
    at, votes = datetime.fromtimestamp(moment / 1000.0, UTC), part.votes
    return {system: _point(system, at, votes, fitted) for system in part.systems}


def _point(system: str, at: datetime, votes: int, fitted: Fitted | None) -> Point:
    if fitted is None or fitted.ratings is None or system not in fitted.systems:
        return Point(at=at, votes=votes, rating=None, low=None, high=None)
    i = fitted.systems.index(system)
    low, high = (None, None) if fitted.intervals is None else fitted.intervals.ends(i)
    return Point(at=at, votes=votes, rating=float(fitted.ratings[i]), low=low, high=high)


def _sentence(points: Mapping[str, Sequence[Point]], labels: Mapping[str, str]) -> str:
    """How often first place changed hands."""
    leader, changes = "", 0
    for step in zip(*points.values(), strict=True):
        ratings = {system: point.rating for point, system in zip(step, points, strict=True) if point.rating is not None}
        if not ratings:
            continue
        best = max(ratings, key=lambda system: ratings[system])
        if not leader:
            leader = best
        elif ratings[best] > ratings.get(leader, -1.0) + ALIKE:
            leader, changes = best, changes + 1
    if not leader:
        return "At none of these moments could the systems be rated."
    if not changes:
        return f"{labels[leader]} has been first since the systems could be rated."
    word = "once" if changes == 1 else f"{changes} times"
    return f"First place changed {word}; {labels[leader]} is first now."
