"""Battles, votes and voters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VoterKind(StrEnum):
    """Who votes; each kind has its own leaderboard, never silently pooled."""

    PERSON = "person"
    JUDGE = "judge"
    LABELS = "labels"


class Verdict(StrEnum):
    """What a voter says of a battle. Both ties count half a win to each side in Bradley-Terry."""

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"
    BOTH_BAD = "both-bad"


class BattleState(StrEnum):
    """ISSUED -> SHOWN -> VOTED or SKIPPED; VOTED -> RETIRED by undo; EXPIRED from ISSUED or SHOWN."""

    ISSUED = "issued"
    SHOWN = "shown"
    VOTED = "voted"
    SKIPPED = "skipped"
    RETIRED = "retired"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Somebody or something that votes. ``name`` is empty unless given."""

    id: str
    kind: VoterKind = VoterKind.PERSON
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battle:
    """Two rankings of one candidate list shown without names. ``left`` and ``right``: system fingerprints."""

    id: str
    voter: str
    candidates: str
    collection: str
    query_id: str
    category: str
    left: str
    right: str
    state: BattleState
    issued_at: datetime
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A verdict on a battle; append-only. ``withdrawn`` is set by an undo row, never by an edit."""

    id: int
    battle: str
    voter: str
    voter_kind: VoterKind
    candidates: str
    collection: str
    query_id: str
    category: str
    left: str
    right: str
    verdict: Verdict
    cast_at: datetime
    withdrawn: bool = False
