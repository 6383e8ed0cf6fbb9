"""Looking for votes, a page at a time (part of domain.vote_ports.VoteLogStore)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, Text, cast, func, or_, select, union

from core.domain.vote_filter import VoteFilter, VotePage
from core.domain.voting import Control
from db.part import StorePart
from db.schema import battles, streams, votes
from db.vote_schema import HAS_FURTHER, IS_CONTROL
from db.vote_state import has_status, has_verdict, judged_vote, judged_votes

_WITH_BATTLES = votes.join(battles, battles.c.id == votes.c.battle)

Condition = ColumnElement[bool]


class SqlVoteSearch(StorePart):
    """What somebody who moderates looks at."""

    def find_votes(self, wanted: VoteFilter, *, limit: int, offset: int = 0) -> VotePage:
        """One page of the log, newest first, and how many there are. ``wanted.verdict`` is the one that counts.

        The page is found by ids and only then read whole; tables are joined only where a condition needs them.
        """
        about_votes, about_battles = list(_on_votes(wanted)), list(_on_battles(wanted))
        place: FromClause = _WITH_BATTLES if about_battles else votes
        conditions = [*about_votes, *about_battles]
        ids = select(votes.c.id).select_from(place).where(*conditions).order_by(votes.c.id.desc())
        total = select(func.count()).select_from(place).where(*conditions)
        page = judged_votes().where(votes.c.id.in_(ids.limit(limit).offset(offset))).order_by(votes.c.id.desc())
        with self.database.read() as connection:
            found = tuple(judged_vote(row) for row in connection.execute(page))
            return VotePage(votes=found, total=int(connection.execute(total).scalar_one()))


def _on_votes(wanted: VoteFilter) -> Iterator[Condition]:
    """Conditions on the vote alone, which the database counts without looking at battles."""
    if wanted.collection or wanted.kind is not None:
        yield votes.c.stream.in_(_streams(wanted))
    if wanted.battle:
        yield votes.c.battle == wanted.battle
    if wanted.since is not None:
        yield votes.c.cast_at >= wanted.since
    if wanted.until is not None:
        yield votes.c.cast_at < wanted.until
    if wanted.status is not None:
        yield has_status(wanted.status)
    if wanted.verdict is not None:
        yield has_verdict(wanted.verdict)
    if wanted.control is not None:
        yield _is_control(wanted.control)


def _streams(wanted: VoteFilter) -> Select[Any]:
    found = select(streams.c.id)
    if wanted.collection:
        found = found.where(streams.c.collection == wanted.collection)
    return found if wanted.kind is None else found.where(streams.c.voter_kind == str(wanted.kind))


def _is_control(wanted: Control) -> Condition:
    controls = select(battles.c.id).where(IS_CONTROL)
    if wanted is Control.NONE:
        return votes.c.battle.not_in(controls)
    return votes.c.battle.in_(controls.where(battles.c.control == str(wanted)))


def _on_battles(wanted: VoteFilter) -> Iterator[Condition]:
    if wanted.voters:
        yield battles.c.voter.in_(wanted.voters)
    if wanted.query_id:
        yield battles.c.query_id == wanted.query_id
    if wanted.category:
        yield battles.c.category == wanted.category
    if wanted.systems:
        yield battles.c.id.in_(_with_any(wanted.systems))


def _with_any(systems: Sequence[str]) -> CompoundSelect[Any]:
    """Ids of battles that show any of these systems, in whatever slot; a select for each index."""
    ids, further = select(battles.c.id), cast(battles.c.further, Text)
    spelled = (further.contains(json.dumps(name, ensure_ascii=False), autoescape=True) for name in systems)
    return union(
        ids.where(battles.c.left_system.in_(systems)),
        ids.where(battles.c.right_system.in_(systems)),
        ids.where(HAS_FURTHER, or_(*spelled)),
    )
