"""Appending to the chained log (core/domain/vote_log.py): the next number, and the hash after the last one.

There is one chain for a database. On SQLite the file lock that every write holds keeps it one; on a server ``lock``
lets one transaction at a time append.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, text

from core.domain.vote_log import GENESIS, Act, chained
from core.domain.voting import Vote
from db.schema import acts, log

_LAST = select(log.c.number, log.c.hash).order_by(log.c.number.desc()).limit(1)
_PUT_LOG = insert(log)
_PUT_ACT = insert(acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is appended. ``vote``: id of the vote itself, or of the vote an act is about; None: about a voter."""

    said: Vote | Act
    vote: int | None


def lock(connection: Connection) -> None:
    """Take the chain before anything else of a transaction that will append, so that two never wait for each other."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE"))


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Chain ``entries``; acts are also written to their own table, votes must be there already."""
    if not entries:
        return
    rows = list(_linked(connection, entries))
    said = [_act_row(row["number"], entry) for row, entry in zip(rows, entries, strict=True) if row["vote"] is None]
    connection.execute(_PUT_LOG, rows)
    if said:
        connection.execute(_PUT_ACT, said)


def _linked(connection: Connection, entries: Sequence[Entry]) -> Iterator[dict[str, object]]:
    last = connection.execute(_LAST).one_or_none()
    number, previous = (0, GENESIS) if last is None else (int(last.number), str(last.hash))
    for entry in entries:
        number, previous = number + 1, chained(previous, entry.said)
        vote = entry.vote if isinstance(entry.said, Vote) else None
        yield {"number": number, "vote": vote, "hash": previous}


def _act_row(number: object, entry: Entry) -> dict[str, object]:
    act = entry.said
    if not isinstance(act, Act):
        raise TypeError(f"Entry {number} of the log is a vote without an id.")
    return {
        "number": number,
        "kind": str(act.kind),
        "vote": entry.vote,
        "voter": act.voter or None,
        "actor": act.actor,
        "reason": act.reason,
        "at": act.at,
        "verdict": None if act.verdict is None else str(act.verdict),
    }
