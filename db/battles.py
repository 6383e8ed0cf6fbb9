"""Battles and the moves of their state that are not votes (half of domain.vote_ports.VoteStore)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.domain.ballots import check_slots
from core.domain.errors import AlreadyVotedError, InvalidInputError, NotOpenError, UnknownNameError
from core.domain.voting import Battle, BattleState
from db.part import StorePart
from db.schema import battles
from db.vote_rows import battle_of, battle_row
from db.votes import ALREADY, NOT_OPEN


class SqlBattles(StorePart):
    """Battles."""

    def add_battle(self, battle: Battle) -> None:
        """InvalidInputError where the id is taken or the form cannot show so many systems."""
        check_slots(battle.form, battle.slots)
        try:
            with self.database.write("battle NOT saved") as connection:
                connection.execute(insert(battles), battle_row(battle, battle.id, battle.state))
        except IntegrityError as error:
            raise InvalidInputError(f"A battle with the id {battle.id!r} exists.") from error

    def battle(self, id: str) -> Battle:
        """UnknownNameError where absent."""
        with self.database.read() as connection:
            row = connection.execute(select(battles).where(battles.c.id == id)).one_or_none()
        if row is None:
            raise UnknownNameError("battle", id)
        return battle_of(row)

    def battles(self, voter: str, collection: str | None = None) -> tuple[Battle, ...]:
        """Battles of one voter that were issued here or whose log says when, oldest first."""
        of_voter = select(battles).where(battles.c.voter == voter, battles.c.issued_at.is_not(None))
        wanted = of_voter.order_by(battles.c.issued_at, battles.c.id)
        if collection is not None:
            wanted = wanted.where(battles.c.collection == collection)
        with self.database.read() as connection:
            return tuple(battle_of(row) for row in connection.execute(wanted))

    def show_battle(self, id: str, voter: str, at: datetime) -> Battle:
        """ISSUED -> SHOWN in one statement; a battle already shown keeps its first time.

        AlreadyVotedError where it has its vote; NotOpenError for any other state or voter.
        """
        with self.database.read() as connection:
            battle = _own(connection, id, voter)
        if battle.state is BattleState.ISSUED:
            shown = (
                update(battles)
                .where(battles.c.id == id, battles.c.voter == voter, battles.c.state == str(BattleState.ISSUED))
                .values(state=str(BattleState.SHOWN), shown_at=at)
            )
            with self.database.write("battle NOT shown") as connection:
                connection.execute(shown)
                battle = _own(connection, id, voter)
        if battle.state is BattleState.VOTED:
            raise AlreadyVotedError(ALREADY)
        if battle.state is not BattleState.SHOWN:
            raise NotOpenError(NOT_OPEN)
        return battle

    def close_battle(self, id: str, voter: str, state: BattleState) -> None:
        """SHOWN or ISSUED -> SKIPPED or EXPIRED; NotOpenError otherwise."""
        if state not in (BattleState.SKIPPED, BattleState.EXPIRED):
            raise InvalidInputError(f"A battle cannot be closed as {state}. Allowed: skipped, expired.")
        closed = (
            update(battles)
            .where(
                battles.c.id == id,
                battles.c.voter == voter,
                battles.c.state.in_([str(BattleState.ISSUED), str(BattleState.SHOWN)]),
            )
            .values(state=str(state))
        )
        with self.database.write("battle NOT closed") as connection:
            if connection.execute(closed).rowcount == 0:
                raise NotOpenError(NOT_OPEN)


def _own(connection: Connection, id: str, voter: str) -> Battle:
    row = connection.execute(select(battles).where(battles.c.id == id, battles.c.voter == voter)).one_or_none()
    if row is None:
        raise NotOpenError(NOT_OPEN)
    return battle_of(row)
