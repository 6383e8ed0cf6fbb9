"""The columns of a drawing of meetings: one per request, or one per round where a round asks of documents one by one.

Where there would be more columns than can be told apart, several rounds share one, and marks count meetings and wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from core.services.trace_reading import Meeting

MOST_COLUMNS = 150
GAP = 0.7  # of a column, between two rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One document in one column. ``share``: how good it looked there, 0 to 1, None where nothing is known of that.

    ``won``, ``lost``: it was named best, or worst. ``place``: in the order that the answer gives to several, from 1.
    ``said``: for the pointer.
    """

    document: int
    share: float | None
    won: bool
    lost: bool
    said: str
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``at``: where it stands from left to right; ``joined``: its documents were in one request."""

    at: float
    joined: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """``rounds``: place and number of each round's first column. ``merged``: rounds share columns."""

    columns: tuple[Column, ...]
    rounds: tuple[tuple[float, str], ...]
    merged: bool = False


def columns_of(meetings: Sequence[Meeting]) -> Columns:
    """The columns for these meetings, in the order of asking."""
    rounds = [list(made) for _, made in groupby(meetings, key=lambda meeting: meeting.round)]
    count = sum(1 if _one_by_one(made) else len(made) for made in rounds)
    return _merged(rounds) if count > MOST_COLUMNS else _apart(rounds)


def _one_by_one(made: Sequence[Meeting]) -> bool:
    return all(len(meeting.documents) < 2 for meeting in made)


def _apart(rounds: Sequence[Sequence[Meeting]]) -> Columns:
    at, columns, starts = 0.0, [], []
    for made in rounds:
        starts.append((at, str(made[0].round)))
        groups = [made] if _one_by_one(made) else [[meeting] for meeting in made]
        for group in groups:
            columns.append(Column(at=at, joined=len(group) == 1, marks=tuple(_marks(group))))
            at += 1
        at += GAP
    return Columns(columns=tuple(columns), rounds=tuple(starts))


def _marks(group: Sequence[Meeting]) -> list[Mark]:
    """Of one request, or of several that have one document each, which are then weighed against one another."""
    values = {place: value for meeting in group for place, value in meeting.values.items()}
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    marks = []
    for meeting in group:
        head = f"round {meeting.round}, request {meeting.number}"
        places = {document: place for place, document in enumerate(meeting.order, start=1)}
        for document in meeting.documents:
            value = values.get(document)
            marks.append(
                Mark(
                    document=document,
                    share=None if value is None else 1.0 if high == low else (value - low) / (high - low),
                    won=document in meeting.winners,
                    lost=document in meeting.losers,
                    said=f"{head}{_said(meeting, document, value)}",
                    place=places.get(document) if len(places) > 2 else None,
                )
            )
    return marks


def _said(meeting: Meeting, document: int, value: float | None) -> str:
    number = "" if value is None else f", {value:.4g}"
    others = len(meeting.documents) - 1
    if document in meeting.winners:
        return f": best of {others + 1}{number}"
    if document in meeting.losers:
        return f": worst of {others + 1}{number}"
    return f"{number}, with {others} others" if others > 1 else f"{number}, against one other" if others else number


@dataclass(slots=True, kw_only=True)
class _Tally:
    met: int = 0
    won: int = 0
    lost: int = 0


def _merged(rounds: Sequence[Sequence[Meeting]]) -> Columns:
    """At most ``MOST_COLUMNS`` columns of whole rounds, as even as they can be."""
    per = -(-len(rounds) // MOST_COLUMNS)
    columns, starts = [], []
    for at, first in enumerate(range(0, len(rounds), per)):
        group = rounds[first : first + per]
        numbers = (group[0][0].round, group[-1][0].round)
        name = str(numbers[0]) if numbers[0] == numbers[1] else f"{numbers[0]} to {numbers[1]}"
        starts.append((float(at), name))
        tallies: dict[int, _Tally] = {}
        for meeting in (meeting for made in group for meeting in made):
            for document in meeting.documents:
                tally = tallies.setdefault(document, _Tally())
                tally.met += 1
                tally.won += document in meeting.winners
                tally.lost += document in meeting.losers
        marks = tuple(
            Mark(
                document=document,
                share=tally.won / tally.met,
                won=2 * tally.won > tally.met,
                lost=False,
                said=f"round {name}: best in {tally.won} of {tally.met} requests",
            )
            for document, tally in tallies.items()
        )
        columns.append(Column(at=float(at), joined=False, marks=marks))
    return Columns(columns=tuple(columns), rounds=tuple(starts), merged=True)
