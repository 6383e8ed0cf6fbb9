"""What to look for in the log of votes, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.voting import Control, Verdict, Vote, VoterKind


class VoteStatus(StrEnum):
    """What became of a vote."""

    COUNTED = "counted"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"
    QUARANTINED = "quarantined"
    CORRECTED = "corrected"  # and counted


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteFilter:
    """Everything empty: all votes. ``systems``: votes on any of these. ``since`` inclusive, ``until`` exclusive."""

    collection: str = ""
    kind: VoterKind | None = None
    voters: tuple[str, ...] = ()
    battle: str = ""
    systems: tuple[str, ...] = ()
    query_id: str = ""
    category: str = ""
    verdict: Verdict | None = None
    status: VoteStatus | None = None
    control: Control | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VotePage:
    """Some of the votes that were looked for, newest first, and how many there are in all."""

    votes: tuple[Vote, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteSource:
    """A collection (fingerprint), or an imported log without one ("votes:name"), and its votes by kind of voter."""

    collection: str
    counts: Mapping[VoterKind, int]
