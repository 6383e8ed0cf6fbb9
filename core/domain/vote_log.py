"""The append-only log of votes and of what was decided about them, and its hash chain.

hash_n = SHA-256(hash_(n-1) + "\\n" + canonical JSON of entry n), hash_0 = 64 zeros: one changed byte in an entry, an
entry left out or moved, and every later hash is another. Entries are named by battle and voter, never by row number,
so a log means the same in every database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from core.domain.canonical import Json, canonical_json
from core.domain.errors import InvalidInputError
from core.domain.voting import SHARES, Verdict, Vote

GENESIS = "0" * 64
DETECTOR = "detector"  # the actor of a quarantine


class ActKind(StrEnum):
    """What can be done about a vote or all votes of a voter. Of EXCLUDE, QUARANTINE and READMIT the last one on the
    vote or its voter counts; UNDO is final; CORRECT changes the verdict of one vote."""

    UNDO = "undo"
    EXCLUDE = "exclude"
    QUARANTINE = "quarantine"
    READMIT = "readmit"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A decision. Exactly one of ``battle`` (its vote) and ``voter`` (all votes, also later ones) is given.

    ``verdict``: only with CORRECT, which like UNDO is about one vote. ``actor``: a voter's id, "command line" or
    DETECTOR. ``reason``: in words. InvalidInputError where it is otherwise.
    """

    kind: ActKind
    actor: str
    reason: str
    at: datetime
    battle: str = ""
    voter: str = ""
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if bool(self.battle) == bool(self.voter):
            raise InvalidInputError(f"{self.kind}: name a battle or a voter, one of the two.")
        if self.voter and self.kind in (ActKind.UNDO, ActKind.CORRECT):
            raise InvalidInputError(f"{self.kind} is about one vote; name its battle, not the voter {self.voter!r}.")
        if (self.kind is ActKind.CORRECT) != (self.verdict in SHARES):
            raise InvalidInputError(
                f"{self.kind} with the verdict {self.verdict}: correct takes one of {', '.join(SHARES)}, others none."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry: a vote as it was cast, or an act. ``number`` from 1; ``hash`` as the module says."""

    number: int
    entry: Vote | Act
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An act as it stands in a store. ``vote``: the vote's id there, 0 where the act is about a voter."""

    number: int
    act: Act
    vote: int = 0


def chained(previous: str, entry: Vote | Act) -> str:
    """The hash of ``entry`` after the hash ``previous``."""
    text = f"{previous}\n{canonical_json(body(entry))}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def first_broken(entries: Iterable[LogEntry]) -> int | None:
    """Place (from 1) of the first entry whose number or hash does not follow from the ones before; None: all do.

    A log that was cut at its end is whole as far as it goes; whoever holds an earlier count and hash can tell.
    """
    previous = GENESIS
    for place, entry in enumerate(entries, start=1):
        if entry.number != place or entry.hash != chained(previous, entry.entry):
            return place
        previous = entry.hash
    return None


def body(entry: Vote | Act) -> dict[str, Json]:
    """The entry as JSON: everything that was said, nothing of what later became of it."""
    return _vote(entry) if isinstance(entry, Vote) else _act(entry)


def _act(act: Act) -> dict[str, Json]:
    found: dict[str, Json] = {"entry": str(act.kind), "actor": act.actor, "reason": act.reason, "at": moment(act.at)}
    if act.battle:
        found["battle"] = act.battle
    if act.voter:
        found["voter"] = act.voter
    if act.verdict is not None:
        found["verdict"] = str(act.verdict)
    return found


def _vote(vote: Vote) -> dict[str, Json]:
    return {
        "entry": "vote",
        "battle": vote.battle,
        "voter": vote.voter,
        "voter_kind": str(vote.voter_kind),
        "voter_group": vote.voter_group,
        "collection": vote.collection,
        "candidates": vote.candidates,
        "query": vote.query_id,
        "category": vote.category,
        "depth": vote.depth,
        "form": str(vote.form),
        "slots": list(vote.slots),
        "verdict": str(vote.cast_verdict or vote.verdict),
        "order": [list(level) for level in vote.order],
        "marks": [[mark.document, mark.useful] for mark in vote.marks],
        "reasons": [str(reason) for reason in vote.reasons],
        "policy": str(vote.policy),
        "probability": vote.probability,
        "control": str(vote.control),
        "repeats": vote.repeats,
        "seed": vote.seed,
        "issued_at": None if vote.issued_at is None else moment(vote.issued_at),
        "shown_at": None if vote.shown_at is None else moment(vote.shown_at),
        "at": moment(vote.cast_at),
    }


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
