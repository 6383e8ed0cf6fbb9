"""The chained log: entries, acts, columns, sources (part of domain.vote_ports.VoteLogStore)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, func, select

from core.domain.comparisons import Comparisons
from core.domain.errors import InvalidInputError
from core.domain.vote_filter import VoteSource
from core.domain.vote_log import Act, ActKind, Decision, LogEntry
from core.domain.voting import Vote, VoterKind
from db import chain, streams
from db.part import StorePart
from db.schema import battles, log, votes
from db.schema import streams as stream_table
from db.vote_acts import acts_on_votes, all_acts
from db.vote_rows import BATTLE_OF_VOTE, ballot_of, vote_of

_FETCHED = 1000  # rows at a time while the log streams

_LOG = (
    select(log.c.number, log.c.hash, votes, *BATTLE_OF_VOTE)
    .select_from(log.outerjoin(votes, votes.c.id == log.c.vote).outerjoin(battles, battles.c.id == votes.c.battle))
    .order_by(log.c.number)
)


class SqlVoteLog(StorePart):
    """The log as columns and entry by entry, and the acts."""

    def comparisons(self, *, collection: str, kind: VoterKind, after: int = 0) -> Comparisons:
        """Columns of all rated votes (no controls) with an id above ``after``, whatever became of them later.

        What is read later continues what was read before: a name keeps its position.
        """
        with self.database.read() as connection:
            return streams.read(connection, collection, kind, after)

    def decisions(self) -> tuple[Decision, ...]:
        """Every act, UNDO included, in the order of the log."""
        with self.database.read() as connection:
            return all_acts(connection)

    def record_acts(self, acts: Sequence[Act]) -> None:
        """Append acts to the log in one transaction, all or none.

        UnknownNameError for a battle without a vote or an unknown voter; InvalidInputError for UNDO, which is the
        voter's own (``withdraw_vote``), and for a verdict that the form of the battle does not allow.
        """
        for act in acts:
            if act.kind is ActKind.UNDO:
                raise InvalidInputError("An undo is the voter's own; exclude the vote instead.")
        if not acts:
            return
        with self.database.write("nothing was decided") as connection:
            chain.lock(connection)
            chain.append(connection, acts_on_votes(connection, acts))

    def log(self) -> Iterator[LogEntry]:
        """Every entry in order, from one consistent snapshot that is held until the last entry or ``close``."""
        with self.database.read() as connection:
            said = {decision.number: decision.act for decision in all_acts(connection)}
            rows = connection.execution_options(yield_per=_FETCHED).execute(_LOG)
            for row in rows:
                yield LogEntry(number=row.number, entry=said.get(row.number) or _vote(row), hash=row.hash)

    def vote_sources(self) -> tuple[VoteSource, ...]:
        """Every collection (or imported log without one) that has votes, most votes first."""
        counted = select(votes.c.stream, func.count().label("votes")).group_by(votes.c.stream).subquery()
        wanted = select(stream_table, counted.c.votes).join(counted, counted.c.stream == stream_table.c.id)
        found: dict[str, dict[VoterKind, int]] = {}
        with self.database.read() as connection:
            for row in connection.execute(wanted.order_by(stream_table.c.collection, stream_table.c.voter_kind)):
                found.setdefault(row.collection, {})[VoterKind(row.voter_kind)] = row.votes
        ordered = sorted(found.items(), key=lambda source: (-sum(source[1].values()), source[0]))
        return tuple(VoteSource(collection=collection, counts=counts) for collection, counts in ordered)


def _vote(row: Row[Any]) -> Vote:
    kind = VoterKind(row.voter_kind)
    return vote_of(row, ballot_of(row), id=row.id, battle=row.battle, kind=kind, cast_at=row.cast_at)
