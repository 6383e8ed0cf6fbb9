"""A vote on two systems as battle JSON and CSV have it, and what it becomes in the log of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.datasets.row import MAX_ID_CHARS, Row
from core.domain.canonical import digest
from core.domain.comparisons import FOREIGN
from core.domain.errors import ImportFormatError
from core.domain.vote_log import moment
from core.domain.voting import Control, Verdict, Vote, VoterKind

MAX_VOTER_CHARS = 128  # what a store holds


@dataclass(frozen=True, slots=True, kw_only=True)
class CastRow:
    """``number``: of the record in its file, from 1. ``left``, ``right``: names of systems. ``verdict``: not ORDERED.

    What a file does not say is empty: ``voter``, ``query``, ``category``, ``group``, and None for ``kind``, ``at``.
    """

    number: int
    left: str
    right: str
    verdict: Verdict
    voter: str = ""
    query: str = ""
    category: str = ""
    group: str = ""
    kind: VoterKind | None = None
    at: datetime | None = None

    @property
    def control(self) -> Control:
        """A system against itself tells something of the voter and nothing of systems."""
        return Control.SAME_SYSTEM if self.left == self.right else Control.NONE


def battle_id(row: CastRow, source: str) -> str:
    """The same for the same record of the same source, so that importing twice adds nothing."""
    return digest(
        [
            FOREIGN + source,
            row.number,
            row.left,
            row.right,
            str(row.verdict),
            row.voter,
            row.query,
            row.category,
            row.group,
            None if row.kind is None else str(row.kind),
            None if row.at is None else moment(row.at),
        ]
    )


def as_vote(row: CastRow, source: str, *, kind: VoterKind, now: datetime) -> Vote:
    """The vote for the log of a store, in the collection "votes:source".

    ``kind`` and ``now`` stand in where the file says neither. Voters are named "source:voter", so that those of two
    files stay apart; a vote without one is a voter of its own, whose id is that of the battle.
    """
    battle = battle_id(row, source)
    return Vote(
        id=row.number,
        battle=battle,
        voter=_voter_id(row.voter, source) if row.voter else battle,
        voter_kind=row.kind or kind,
        voter_group=row.group,
        candidates="",
        collection=FOREIGN + source,
        query_id=row.query,
        category=row.category,
        left=row.left,
        right=row.right,
        verdict=row.verdict,
        control=row.control,
        cast_at=row.at or now,
    )


def named_voter(vote: Vote) -> str:
    """The voter as the file named it, or of a vote that was cast here its id; empty where nobody is named."""
    if not vote.collection.startswith(FOREIGN):
        return vote.voter
    return "" if vote.voter == vote.battle else vote.voter.removeprefix(f"{vote.collection.removeprefix(FOREIGN)}:")


def _voter_id(voter: str, source: str) -> str:
    id = f"{source}:{voter}"
    return id if len(id) <= MAX_VOTER_CHARS else f"{source}:{digest(voter)[:32]}"


def text_cell(row: Row, field: str, text: str, most: int = MAX_ID_CHARS) -> str:
    """``text`` where a store can hold it; ImportFormatError at ``field`` where it is too long or holds NUL."""
    if len(text) > most:
        raise row.error(f"has {len(text)} characters; at most {most} are allowed.", field)
    if "\0" in text:
        raise row.error("holds a NUL character.", field)
    return text


def as_query(text: str) -> str:
    """A query's text as its id: itself, or where it is long its beginning and a digest of the whole."""
    text = text.replace("\0", "")
    return text if len(text) <= MAX_ID_CHARS else f"{text[:80]}... {digest(text)[:16]}"


def at_seconds(seconds: float, row: Row, field: str) -> datetime:
    """A moment given in seconds since 1970; ImportFormatError where it is outside the years 1970 to 9999."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)  # refuses NaN and infinity
    except (ValueError, OverflowError, OSError) as error:
        raise outside(row, field, seconds) from error
    if found.year < 1970:
        raise outside(row, field, seconds)
    return found


def outside(row: Row, field: str, given: object) -> ImportFormatError:
    """The error for a time that is none."""
    return row.error(f"must be a time between the years 1970 and 9999, not {str(given)[:40]!r}.", field)
