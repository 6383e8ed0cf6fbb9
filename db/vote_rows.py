"""Battles, votes and acts as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from core.domain.errors import UnknownNameError
from core.domain.vote_log import Act, ActKind
from core.domain.voting import (
    Ballot,
    Battle,
    BattleForm,
    BattleState,
    Control,
    Mark,
    Policy,
    Reason,
    Verdict,
    Vote,
    VoterKind,
)
from db.schema import battles

BATTLE_OF_VOTE = tuple(column for column in battles.c if column.name not in ("id", "state"))
"""The columns of its battle that a vote needs."""


def battle_row(battle: Battle | Vote, id: str, state: BattleState) -> dict[str, object]:
    """The columns of a battle, of itself or of the vote on it."""
    return {
        "id": id,
        "voter": battle.voter,
        "candidates": battle.candidates,
        "collection": battle.collection,
        "query_id": battle.query_id,
        "category": battle.category,
        "left_system": battle.left,
        "right_system": battle.right,
        "state": str(state),
        "issued_at": battle.issued_at,
        "shown_at": battle.shown_at,
        "further": list(battle.further) or None,
        "form": str(battle.form),
        "policy": str(battle.policy),
        "probability": battle.probability,
        "control": str(battle.control),
        "repeats": battle.repeats,
        "seed": battle.seed,
        "depth": battle.depth,
        "voter_group": battle.voter_group,
    }


def battle_of(row: Row[Any]) -> Battle:
    """A battle; UnknownNameError for that of an imported vote which does not say when it was issued."""
    if row.issued_at is None:
        raise UnknownNameError("battle", row.id)
    return Battle(
        id=row.id,
        voter=row.voter,
        candidates=row.candidates,
        collection=row.collection,
        query_id=row.query_id,
        category=row.category,
        left=row.left_system,
        right=row.right_system,
        state=BattleState(row.state),
        issued_at=row.issued_at,
        shown_at=row.shown_at,
        further=tuple(row.further or ()),
        form=BattleForm(row.form),
        policy=Policy(row.policy),
        probability=float(row.probability),  # SQLite gives 1 for 1.0
        control=Control(row.control),
        repeats=row.repeats,
        seed=row.seed,
        depth=row.depth,
        voter_group=row.voter_group,
    )


def ballot_row(ballot: Ballot) -> dict[str, object]:
    """The columns of a vote that hold what was said."""
    return {
        "verdict": str(ballot.verdict),
        "order": [list(level) for level in ballot.order] or None,
        "marks": [[mark.document, mark.useful] for mark in ballot.marks] or None,
        "reasons": [str(reason) for reason in ballot.reasons] or None,
    }


def ballot_of(row: Row[Any]) -> Ballot:
    """What was said, from the columns of a vote."""
    return Ballot(
        verdict=Verdict(row.verdict),
        order=tuple(tuple(level) for level in row.order or ()),
        marks=tuple(Mark(document=document, useful=useful) for document, useful in row.marks or ()),
        reasons=tuple(Reason(reason) for reason in row.reasons or ()),
    )


def vote_of(
    row: Row[Any],
    ballot: Ballot,
    *,
    id: int,
    battle: str,
    kind: VoterKind,
    cast_at: datetime,
    states: Sequence[bool] = (False, False, False),
    corrected: Verdict | None = None,
) -> Vote:
    """A vote from a row with its battle's columns. ``states``: withdrawn, excluded, quarantined."""
    withdrawn, excluded, quarantined = states
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
        verdict=corrected or ballot.verdict,
        cast_at=cast_at,
        withdrawn=withdrawn,
        excluded=excluded,
        quarantined=quarantined,
        cast_verdict=ballot.verdict if corrected else None,
        further=tuple(row.further or ()),
        form=BattleForm(row.form),
        order=ballot.order,
        marks=ballot.marks,
        reasons=ballot.reasons,
        policy=Policy(row.policy),
        probability=float(row.probability),  # SQLite gives 1 for 1.0
        control=Control(row.control),
        repeats=row.repeats,
        seed=row.seed,
        depth=row.depth,
        voter_group=row.voter_group,
        issued_at=row.issued_at,
        shown_at=row.shown_at,
    )


def act_of(row: Row[Any], battle: str | None) -> Act:
    """An act from its row; ``battle``: of the vote it is about."""
    return Act(
        kind=ActKind(row.kind),
        actor=row.actor,
        reason=row.reason,
        at=row.at,
        battle=battle or "",
        voter=row.voter or "",
        verdict=None if row.verdict is None else Verdict(row.verdict),
    )
