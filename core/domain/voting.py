"""Battles, votes and voters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations


class VoterKind(StrEnum):
    """Who votes; each kind has its own leaderboard, never silently pooled."""

    PERSON = "person"
    JUDGE = "judge"
    LABELS = "labels"


class Verdict(StrEnum):
    """What a voter says of a battle. Both ties count half a win to each side in Bradley-Terry.

    ORDERED belongs to best-to-worst battles: the vote's ``order`` says the rest. Of an interleaved battle the verdict
    is the side whose team was credited with more useful documents.
    """

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"
    BOTH_BAD = "both-bad"
    ORDERED = "ordered"

    @property
    def mirrored(self) -> Verdict:
        """The same verdict with the sides swapped."""
        return {Verdict.LEFT: Verdict.RIGHT, Verdict.RIGHT: Verdict.LEFT}.get(self, self)


SHARES = {Verdict.LEFT: 1.0, Verdict.RIGHT: 0.0, Verdict.EQUAL: 0.5, Verdict.BOTH_BAD: 0.5}


class BattleState(StrEnum):
    """ISSUED -> SHOWN -> VOTED or SKIPPED; VOTED -> RETIRED by undo; EXPIRED from ISSUED or SHOWN."""

    ISSUED = "issued"
    SHOWN = "shown"
    VOTED = "voted"
    SKIPPED = "skipped"
    RETIRED = "retired"
    EXPIRED = "expired"


class BattleForm(StrEnum):
    """How systems are put before a voter."""

    SIDE_BY_SIDE = "side-by-side"
    INTERLEAVED = "interleaved"  # team draft: one merged list, the voter marks useful documents
    BEST_TO_WORST = "best-to-worst"  # three or four lists, put in order


class Policy(StrEnum):
    """How the systems of a battle were chosen."""

    UNIFORM = "uniform"
    FEWEST_VOTES = "fewest-votes"
    DECISION_CONTRAST = "decision-contrast"


class Control(StrEnum):
    """A battle whose right answer is known, to learn about the voter; its vote is never rated."""

    NONE = ""
    SAME_SYSTEM = "same-system"
    SWAPPED = "swapped"  # ``Battle.repeats`` again with the sides exchanged
    GOLD = "gold"  # GOLD_BEST against GOLD_WORST


GOLD_BEST = "gold:best"  # the candidates ordered by their relevance labels
GOLD_WORST = "gold:worst"  # the same turned round


class Reason(StrEnum):
    """Why a list was preferred, if the voter cares to say."""

    TOP = "relevance-at-the-top"
    MISSING = "missing-answer"
    DUPLICATES = "duplicates"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Somebody or something that votes. ``name`` and ``group`` are empty unless given."""

    id: str
    kind: VoterKind = VoterKind.PERSON
    name: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battle:
    """Rankings of one candidate list shown without names.

    ``left``, ``right``, ``further``: system fingerprints in the order of the slots A, B, C, D.
    ``probability``: of these systems being drawn by ``policy`` from what could be drawn then (1 for controls).
    ``depth``: documents in the candidate list. ``seed``: of the team draft. ``repeats``: battle id (SWAPPED).
    """

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
    further: tuple[str, ...] = ()
    form: BattleForm = BattleForm.SIDE_BY_SIDE
    policy: Policy = Policy.UNIFORM
    probability: float = 1.0
    control: Control = Control.NONE
    repeats: str = ""
    seed: int = 0
    depth: int = 0
    voter_group: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """Every system, in the order of the slots."""
        return (self.left, self.right, *self.further)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A voter's word on one document of a battle: a weak relevance label."""

    document: str
    useful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Everything a voter says of one battle.

    ``order``: slots (from 0) best first, level ones together; only with Verdict.ORDERED.
    """

    verdict: Verdict
    order: tuple[tuple[int, ...], ...] = ()
    marks: tuple[Mark, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A verdict on a battle; append-only.

    ``verdict``: the one that counts, after corrections; ``cast_verdict``: the voter's own where it was corrected.
    ``withdrawn`` (by the voter), ``excluded`` (by a person) and ``quarantined`` (by a detector, until a person
    decides) come from later rows of the log, never from an edit.
    """

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
    excluded: bool = False
    quarantined: bool = False
    cast_verdict: Verdict | None = None
    further: tuple[str, ...] = ()
    form: BattleForm = BattleForm.SIDE_BY_SIDE
    order: tuple[tuple[int, ...], ...] = ()
    marks: tuple[Mark, ...] = ()
    reasons: tuple[Reason, ...] = ()
    policy: Policy = Policy.UNIFORM
    probability: float = 1.0
    control: Control = Control.NONE
    repeats: str = ""
    seed: int = 0
    depth: int = 0
    voter_group: str = ""
    issued_at: datetime | None = None
    shown_at: datetime | None = None

    @property
    def slots(self) -> tuple[str, ...]:
        """Every system, in the order of the slots."""
        return (self.left, self.right, *self.further)

    @property
    def counted(self) -> bool:
        """Whether boards count it (a control is never rated whatever this says)."""
        return not (self.withdrawn or self.excluded or self.quarantined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two systems as one vote compared them. ``share``: of ``left``, 1 a win, 0.5 a tie, 0 a loss."""

    left: str
    right: str
    share: float


def compared(slots: Sequence[str], verdict: Verdict, order: Sequence[Sequence[int]] = ()) -> tuple[Comparison, ...]:
    """Every pair that a verdict compares: one of two slots, k (k - 1) / 2 of an order of k slots."""
    if verdict is not Verdict.ORDERED:
        return (Comparison(left=slots[0], right=slots[1], share=SHARES[verdict]),)
    place = {slot: rank for rank, level in enumerate(order) for slot in level}
    return tuple(
        Comparison(left=slots[a], right=slots[b], share=_share(place[a], place[b]))
        for a, b in combinations(sorted(place), 2)
    )


def _share(first: int, second: int) -> float:
    if first == second:
        return 0.5
    return 1.0 if first < second else 0.0
