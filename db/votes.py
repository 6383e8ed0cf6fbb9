"""Voters, casting and taking back votes, and the log as votes (part of domain.vote_ports.VoteStore; see db/battles.py).

The state of the battle is checked and moved by the same statement, and the vote, its link of the chain and its packed
comparisons are written in the same transaction, so a double click, a replay or another tab can never make a second
vote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.domain.ballots import check_ballot
from core.domain.errors import AlreadyVotedError, InvalidInputError, NotOpenError
from core.domain.vote_log import Act, ActKind
from core.domain.voting import Ballot, Battle, BattleState, Vote, Voter, VoterKind
from db import chain
from db.connection import Database
from db.group import GroupCommit
from db.part import StorePart, replace
from db.schema import acts, battles, candidate_lists, rankings, voters, votes
from db.streams import Numbers, put_votes
from db.vote_rows import ballot_row, battle_of, vote_of
from db.vote_state import WITHDRAWN, judged_vote, judged_votes

NOT_OPEN = "This battle is not open for you."
ALREADY = "Vote already recorded."

_TAKE = (
    update(battles)
    .where(
        battles.c.id == bindparam("battle"),
        battles.c.voter == bindparam("by"),
        battles.c.state == str(BattleState.SHOWN),
    )
    .values(state=str(BattleState.VOTED))
    .returning(*battles.c)
)
_PUT = insert(votes).returning(votes.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    """A vote whose row is written. ``numbers``: what this learnt of names, true once it is committed."""

    vote: Vote
    stream: int
    numbers: Numbers


class SqlVotes(StorePart):
    """Voters and votes. Votes that come at the same time share one commit."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._casting = GroupCommit(database, "vote NOT recorded", self._link)
        self._numbers = Numbers()

    def save_voter(self, voter: Voter) -> None:
        """Insert, or change the name, and the group where one is given; the kind of a known voter stays."""
        changed = {"name": voter.name} | ({"group": voter.group} if voter.group else {})
        with self.database.write("name NOT saved") as connection:
            known = connection.execute(update(voters).where(voters.c.id == voter.id).values(**changed))
            if known.rowcount == 0:
                row = {"id": voter.id, "kind": str(voter.kind), "name": voter.name, "group": voter.group}
                replace(connection, voters, [row])

    def voter(self, id: str) -> Voter | None:
        """One voter, None where nobody has this id."""
        with self.database.read() as connection:
            row = connection.execute(select(voters).where(voters.c.id == id)).one_or_none()
        return None if row is None else Voter(id=row.id, kind=VoterKind(row.kind), name=row.name, group=row.group)

    def cast_vote(self, battle: str, voter: str, kind: VoterKind, ballot: Ballot, at: datetime) -> Vote:
        """SHOWN -> VOTED, the vote and its entry in the chained log in one transaction, committed before it returns.

        AlreadyVotedError where the battle has its vote; NotOpenError for any other state or voter;
        InvalidInputError for a ballot that does not fit the battle; StorageBusyError, StorageFullError when nothing
        was recorded. After any of them but the first the battle is as it was.
        """
        said = {"battle": battle, "voter_kind": str(kind), "cast_at": at, **ballot_row(ballot)}

        def record(connection: Connection) -> _Cast:
            chain.lock(connection)
            row = connection.execute(_TAKE, {"battle": battle, "by": voter}).one_or_none()
            if row is None:
                raise _refusal(connection, battle, voter)
            taken = battle_of(row)
            check_ballot(taken.form, taken.slots, ballot)
            _check_marks(connection, taken, ballot)
            numbers = Numbers(self._numbers)
            stream = numbers.stream(connection, row.collection, kind)
            id = connection.execute(_PUT, {**said, "stream": stream}).scalar_one()
            vote = vote_of(row, ballot, id=id, battle=battle, kind=kind, cast_at=at)
            return _Cast(vote=vote, stream=stream, numbers=numbers)

        try:
            return self._casting.run(record).vote
        except IntegrityError as error:
            raise AlreadyVotedError(ALREADY) from error

    def _link(self, connection: Connection, cast: Sequence[_Cast]) -> Callable[[], None]:
        """Chain the votes of one commit and pack their comparisons."""
        chain.append(connection, [chain.Entry(said=one.vote, vote=one.vote.id) for one in cast])
        numbers = Numbers(self._numbers)
        for one in cast:
            numbers.learn(one.numbers)
        put_votes(connection, [(one.stream, one.vote.id, one.vote) for one in cast], numbers)
        return lambda: self._numbers.learn(numbers)

    def withdraw_vote(self, battle: str, voter: str, at: datetime) -> None:
        """Append an UNDO to the log and VOTED -> RETIRED; NotOpenError where there is nothing to undo."""
        retired = (
            update(battles)
            .where(battles.c.id == battle, battles.c.voter == voter, battles.c.state == str(BattleState.VOTED))
            .values(state=str(BattleState.RETIRED))
        )
        undo = Act(kind=ActKind.UNDO, actor=voter, reason="", at=at, battle=battle)
        with self.database.write("vote NOT withdrawn") as connection:
            chain.lock(connection)
            if connection.execute(retired).rowcount == 0:
                raise NotOpenError("There is no vote of yours to undo here.")
            id = connection.execute(select(votes.c.id).where(votes.c.battle == battle)).scalar_one()
            chain.append(connection, [chain.Entry(said=undo, vote=id)])

    def votes(
        self,
        *,
        collection: str | None = None,
        kind: VoterKind | None = None,
        voter: str | None = None,
        candidates: str | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Vote, ...]:
        """The votes in order of casting, also the excluded and quarantined, with what became of each."""
        wanted: Select[Any] = judged_votes().order_by(votes.c.id)
        if candidates is not None:
            wanted = wanted.where(battles.c.candidates == candidates)
        if collection is not None:
            wanted = wanted.where(battles.c.collection == collection)
        if kind is not None:
            wanted = wanted.where(votes.c.voter_kind == str(kind))
        if voter is not None:
            wanted = wanted.where(battles.c.voter == voter)
        if not include_withdrawn:
            wanted = wanted.where(~WITHDRAWN)
        with self.database.read() as connection:
            return tuple(judged_vote(row) for row in connection.execute(wanted))

    def revision(self) -> tuple[int, int, int]:
        """Another triple whenever a vote, an act or a ranking has been added: last vote, last act, rankings."""
        voted = select(func.coalesce(func.max(votes.c.id), 0)).scalar_subquery()
        acted = select(func.coalesce(func.max(acts.c.number), 0)).scalar_subquery()
        ranked = select(func.count()).select_from(rankings).scalar_subquery()
        with self.database.read() as connection:
            row = connection.execute(select(voted, acted, ranked)).one()
        return int(row[0]), int(row[1]), int(row[2])


def _refusal(connection: Connection, battle: str, voter: str) -> NotOpenError:
    state = select(battles.c.state).where(battles.c.id == battle, battles.c.voter == voter)
    if connection.execute(state).scalar_one_or_none() == BattleState.VOTED:
        return AlreadyVotedError(ALREADY)
    return NotOpenError(NOT_OPEN)


def _check_marks(connection: Connection, battle: Battle, ballot: Ballot) -> None:
    """InvalidInputError for a mark on something else than a document of the list."""
    if not ballot.marks:
        return
    listed = select(candidate_lists.c.document_ids).where(candidate_lists.c.hash == battle.candidates)
    known = set(connection.execute(listed).scalar_one_or_none() or ())
    for mark in ballot.marks:
        if mark.document not in known:
            raise InvalidInputError(f"The mark on {mark.document!r} names no document of this battle.")
