"""Voters and the append-only log of votes (half of domain.ports.VoteStore; battles are in db/battles.py).

The state of the battle is checked and moved by the same statement, and the vote is written in the same
transaction, so a double click, a replay or another tab can never make a second vote.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.domain.errors import AlreadyVotedError, NotOpenError
from core.domain.voting import BattleState, Verdict, Vote, Voter, VoterKind
from db.connection import Database
from db.group import GroupCommit
from db.part import StorePart, replace
from db.schema import battles, rankings, voters, votes, withdrawals

NOT_OPEN = "This battle is not open for you."
ALREADY = "Vote already recorded."

_LOG = (
    select(
        votes,
        withdrawals.c.withdrawn_at,
        *(battles.c[name] for name in ("voter", "candidates", "collection", "query_id", "category")),
        battles.c.left_system,
        battles.c.right_system,
    )
    .select_from(votes.join(battles).outerjoin(withdrawals))
    .order_by(votes.c.id)
)
_VOTE = (
    update(battles)
    .where(battles.c.state == str(BattleState.SHOWN))
    .values(state=str(BattleState.VOTED))
    .returning(*battles.c)
)


class SqlVotes(StorePart):
    """Voters and votes. Votes that come at the same time share one commit."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._casting = GroupCommit(database, "vote NOT recorded")

    def save_voter(self, voter: Voter) -> None:
        """Insert, or change the name; the kind of a known voter stays."""
        with self.database.write("name NOT saved") as connection:
            renamed = connection.execute(update(voters).where(voters.c.id == voter.id).values(name=voter.name))
            if renamed.rowcount == 0:
                replace(connection, voters, [{"id": voter.id, "kind": str(voter.kind), "name": voter.name}])

    def voter(self, id: str) -> Voter | None:
        """One voter, None where nobody has this id."""
        with self.database.read() as connection:
            row = connection.execute(select(voters).where(voters.c.id == id)).one_or_none()
        return None if row is None else Voter(id=row.id, kind=VoterKind(row.kind), name=row.name)

    def cast_vote(self, battle: str, voter: str, kind: VoterKind, verdict: Verdict, at: datetime) -> Vote:
        """SHOWN -> VOTED and the vote row in one transaction, committed before it returns.

        AlreadyVotedError where the battle has its vote; NotOpenError for any other state or voter;
        StorageBusyError, StorageFullError when nothing was recorded.
        """
        vote = {"battle": battle, "voter_kind": str(kind), "verdict": str(verdict), "cast_at": at}
        taken = _VOTE.where(battles.c.id == battle, battles.c.voter == voter)

        def record(connection: Connection) -> Vote:
            row = connection.execute(taken).one_or_none()
            if row is None:
                raise _refusal(connection, battle, voter)
            id = connection.execute(insert(votes).returning(votes.c.id), vote).scalar_one()
            return _vote(row, id=id, battle=battle, kind=kind, verdict=verdict, at=at, withdrawn=False)

        try:
            return self._casting.run(record)
        except IntegrityError as error:
            raise AlreadyVotedError(ALREADY) from error

    def withdraw_vote(self, battle: str, voter: str, at: datetime) -> None:
        """Append an undo row and VOTED -> RETIRED; NotOpenError where there is nothing to undo."""
        retired = (
            update(battles)
            .where(battles.c.id == battle, battles.c.voter == voter, battles.c.state == str(BattleState.VOTED))
            .values(state=str(BattleState.RETIRED))
        )
        vote = select(votes.c.id).where(votes.c.battle == battle)
        with self.database.write("vote NOT withdrawn") as connection:
            if connection.execute(retired).rowcount == 0:
                raise NotOpenError("There is no vote of yours to undo here.")
            id = connection.execute(vote).scalar_one()
            connection.execute(insert(withdrawals), {"vote": id, "withdrawn_at": at})

    def votes(
        self,
        *,
        collection: str | None = None,
        kind: VoterKind | None = None,
        voter: str | None = None,
        candidates: str | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Vote, ...]:
        """The log in order of casting."""
        wanted: Select[Any] = _LOG
        if candidates is not None:
            wanted = wanted.where(battles.c.candidates == candidates)
        if collection is not None:
            wanted = wanted.where(battles.c.collection == collection)
        if kind is not None:
            wanted = wanted.where(votes.c.voter_kind == str(kind))
        if voter is not None:
            wanted = wanted.where(battles.c.voter == voter)
        if not include_withdrawn:
            wanted = wanted.where(withdrawals.c.vote.is_(None))
        with self.database.read() as connection:
            return tuple(_logged(row) for row in connection.execute(wanted))

    def revision(self) -> tuple[int, int, int]:
        """Another triple whenever a vote, a withdrawal or a ranking has been added."""
        last = select(func.coalesce(func.max(votes.c.id), 0)).scalar_subquery()
        undone = select(func.count()).select_from(withdrawals).scalar_subquery()
        ranked = select(func.count()).select_from(rankings).scalar_subquery()
        with self.database.read() as connection:
            row = connection.execute(select(last, undone, ranked)).one()
        return int(row[0]), int(row[1]), int(row[2])


def _refusal(connection: Connection, battle: str, voter: str) -> NotOpenError:
    state = select(battles.c.state).where(battles.c.id == battle, battles.c.voter == voter)
    if connection.execute(state).scalar_one_or_none() == BattleState.VOTED:
        return AlreadyVotedError(ALREADY)
    return NotOpenError(NOT_OPEN)


def _logged(row: Row[Any]) -> Vote:
    return _vote(
        row,
        id=row.id,
        battle=row.battle,
        kind=VoterKind(row.voter_kind),
        verdict=Verdict(row.verdict),
        at=row.cast_at,
        withdrawn=row.withdrawn_at is not None,
    )


def _vote(
    row: Row[Any], *, id: int, battle: str, kind: VoterKind, verdict: Verdict, at: datetime, withdrawn: bool
) -> Vote:
    """A vote from a row that holds at least the battle's columns."""
    return Vote(
        id=id,
        battle=battle,
        voter=row.voter,
        voter_kind=kind,
        candidates=row.candidates,
        collection=row.collection,
        query_id=row.query_id,
        category=row.category,
        left=row.left_system,
        right=row.right_system,
        verdict=verdict,
        cast_at=at,
        withdrawn=withdrawn,
    )
