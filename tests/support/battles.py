"""Battles and votes for tests that need no store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.voting import Battle, BattleState, Verdict, Vote, VoterKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_battle(id: str = "b", slots: tuple[str, ...] = ("x", "y"), **changes: Any) -> Battle:
    """A voted side-by-side battle of voter "ann" with every field that matters changeable."""
    made = Battle(
        id=id,
        voter="ann",
        candidates="list",
        collection="c",
        query_id="q",
        category="",
        left=slots[0],
        right=slots[1],
        further=slots[2:],
        state=BattleState.VOTED,
        issued_at=NOON,
        shown_at=NOON,
    )
    return replace(made, **changes)


def a_vote(id: int = 1, verdict: Verdict = Verdict.LEFT, **changes: Any) -> Vote:
    """A vote of "ann" on battle "b"."""
    made = Vote(
        id=id,
        battle="b",
        voter="ann",
        voter_kind=VoterKind.PERSON,
        candidates="list",
        collection="c",
        query_id="q",
        category="",
        left="x",
        right="y",
        verdict=verdict,
        cast_at=NOON + timedelta(seconds=id),
    )
    return replace(made, **changes)
