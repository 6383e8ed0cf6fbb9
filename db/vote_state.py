"""What the acts make of each vote, in SQL: the same rules as core/domain/decisions.py, against which it is tested.

For a page of the log or the votes on one list, where reading every act would be waste.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, union

from core.domain.vote_filter import VoteStatus
from core.domain.vote_log import ActKind
from core.domain.voting import Verdict, Vote, VoterKind
from db.schema import acts, battles, votes
from db.vote_rows import BATTLE_OF_VOTE, ballot_of, vote_of

_STANDING = [str(ActKind.EXCLUDE), str(ActKind.QUARANTINE), str(ActKind.READMIT)]


def _last(*kinds: str) -> ColumnElement[int]:
    return func.max(case((acts.c.kind.in_(kinds), acts.c.number)))


_on_vote = (
    select(
        acts.c.vote,
        _last(*_STANDING).label("standing"),
        _last(str(ActKind.UNDO)).label("undone"),
        _last(str(ActKind.CORRECT)).label("corrected"),
    )
    .where(acts.c.vote.is_not(None))
    .group_by(acts.c.vote)
    .subquery("on_vote")
)
_on_voter = (
    select(acts.c.voter, func.max(acts.c.number).label("standing"))
    .where(acts.c.voter.is_not(None))
    .group_by(acts.c.voter)
    .subquery("on_voter")
)
_own = acts.alias("own")
_standing = acts.alias("standing")
_correction = acts.alias("correction")
_later = case(
    (_own.c.kind == str(ActKind.EXCLUDE), _own.c.number),
    (func.coalesce(_on_voter.c.standing, 0) > func.coalesce(_on_vote.c.standing, 0), _on_voter.c.standing),
    else_=_on_vote.c.standing,
)

JUDGED = (
    votes.join(battles, battles.c.id == votes.c.battle)
    .outerjoin(_on_vote, _on_vote.c.vote == votes.c.id)
    .outerjoin(_on_voter, _on_voter.c.voter == battles.c.voter)
    .outerjoin(_own, _own.c.number == _on_vote.c.standing)
    .outerjoin(_standing, _standing.c.number == _later)
    .outerjoin(_correction, _correction.c.number == _on_vote.c.corrected)
)
"""Votes with their battles and what became of them."""

_spoken_of = union(
    select(acts.c.vote).where(acts.c.vote.is_not(None)),
    select(votes.c.id)
    .join(battles, battles.c.id == votes.c.battle)
    .where(battles.c.voter.in_(select(acts.c.voter).where(acts.c.voter.is_not(None)))),
)
WITHDRAWN = _on_vote.c.undone.is_not(None)
_EXCLUDED = func.coalesce(_standing.c.kind, "") == str(ActKind.EXCLUDE)
_QUARANTINED = func.coalesce(_standing.c.kind, "") == str(ActKind.QUARANTINE)
_CORRECTED = _correction.c.verdict.is_not(None)


def has_status(status: VoteStatus) -> ColumnElement[bool]:
    """A condition on ``votes`` alone; a vote that was withdrawn is nothing else, a corrected one is also counted.

    Only the votes that some act is about are judged, not the many of which nothing was said.
    """
    spoken_of = select(votes.c.id).select_from(JUDGED).where(votes.c.id.in_(_spoken_of))
    if status is VoteStatus.COUNTED:
        return votes.c.id.not_in(spoken_of.where(or_(WITHDRAWN, _EXCLUDED, _QUARANTINED)))
    condition = {
        VoteStatus.WITHDRAWN: WITHDRAWN,
        VoteStatus.EXCLUDED: and_(~WITHDRAWN, _EXCLUDED),
        VoteStatus.QUARANTINED: and_(~WITHDRAWN, _QUARANTINED),
        VoteStatus.CORRECTED: and_(~WITHDRAWN, ~_EXCLUDED, ~_QUARANTINED, _CORRECTED),
    }[status]
    return votes.c.id.in_(spoken_of.where(condition))


def has_verdict(verdict: Verdict) -> ColumnElement[bool]:
    """A condition on ``votes`` alone: the verdict that counts."""
    corrected = select(_on_vote.c.vote).join(_correction, _correction.c.number == _on_vote.c.corrected)
    as_cast = and_(votes.c.verdict == str(verdict), votes.c.id.not_in(corrected))
    return or_(as_cast, votes.c.id.in_(corrected.where(_correction.c.verdict == str(verdict))))


def judged_votes() -> Select[Any]:
    """Select what ``judged_vote`` reads."""
    return select(
        votes,
        *BATTLE_OF_VOTE,
        WITHDRAWN.label("withdrawn"),
        _standing.c.kind.label("standing"),
        _correction.c.verdict.label("corrected"),
    ).select_from(JUDGED)


def judged_vote(row: Row[Any]) -> Vote:
    """A vote with what became of it."""
    return vote_of(
        row,
        ballot_of(row),
        id=row.id,
        battle=row.battle,
        kind=VoterKind(row.voter_kind),
        cast_at=row.cast_at,
        states=(bool(row.withdrawn), row.standing == ActKind.EXCLUDE, row.standing == ActKind.QUARANTINE),
        corrected=None if row.corrected is None else Verdict(row.corrected),
    )
