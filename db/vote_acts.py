"""Acts as they stand in the database, and new ones with the votes they are about."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from core.domain.ballots import allowed_verdicts
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.vote_log import Act, Decision
from core.domain.voting import BattleForm
from db import chain
from db.part import in_chunks
from db.schema import acts, battles, voters, votes
from db.vote_rows import act_of

_ACTS = (
    select(acts, votes.c.battle).select_from(acts.outerjoin(votes, votes.c.id == acts.c.vote)).order_by(acts.c.number)
)


def all_acts(connection: Connection) -> tuple[Decision, ...]:
    """Every act in the order of the log."""
    rows = connection.execute(_ACTS)
    return tuple(Decision(number=row.number, act=act_of(row, row.battle), vote=row.vote or 0) for row in rows)


def acts_on_votes(connection: Connection, acts: Sequence[Act]) -> list[chain.Entry]:
    """The acts with the votes they are about; errors as ``record_acts`` says."""
    forms = _votes_of(connection, [act.battle for act in acts if act.battle])
    known = _known_voters(connection, [act.voter for act in acts if act.voter])
    entries = []
    for act in acts:
        if act.voter and act.voter not in known:
            raise UnknownNameError("voter", act.voter)
        if act.battle and act.battle not in forms:
            raise UnknownNameError("vote on the battle", act.battle)
        vote, form = forms[act.battle] if act.battle else (None, None)
        if act.verdict is not None and form is not None and act.verdict not in allowed_verdicts(form):
            raise InvalidInputError(
                f"The vote on {act.battle!r} puts several systems in order; it cannot be corrected to {act.verdict}. "
                "Exclude it instead."
            )
        entries.append(chain.Entry(said=act, vote=vote))
    return entries


def _votes_of(connection: Connection, names: Sequence[str]) -> dict[str, tuple[int, BattleForm]]:
    """Vote id and form of each of these battles that has its vote."""
    wanted = select(votes.c.id, votes.c.battle, battles.c.form).join(battles, battles.c.id == votes.c.battle)
    found: dict[str, tuple[int, BattleForm]] = {}
    for chunk in in_chunks(names):
        for row in connection.execute(wanted.where(votes.c.battle.in_(chunk))):
            found[row.battle] = (row.id, BattleForm(row.form))
    return found


def _known_voters(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those who have a row or a battle."""
    found: set[str] = set()
    for chunk in in_chunks(names):
        found.update(connection.execute(select(voters.c.id).where(voters.c.id.in_(chunk))).scalars())
        found.update(connection.execute(select(battles.c.voter).where(battles.c.voter.in_(chunk)).distinct()).scalars())
    return found
