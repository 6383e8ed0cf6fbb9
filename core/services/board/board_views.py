"""What is read about a board after its numbers: how robust it is, how it came to be, whether voters agree.

Each is computed only when somebody looks. Entries are named as on the board.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.voting import VoterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutVoter:
    """The board without one voter. ``share``: of all comparisons. ``leader``: who would be first. ``system``: whose
    rating changes most, by ``moved`` points."""

    voter: str
    votes: int
    share: float
    leader: str
    system: str
    moved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A system's rating with every vote at full weight, and with heavy voters capped (None: no capped board), and the
    range it takes when any one voter is left out."""

    system: str
    raw: float | None
    raw_low: float | None
    raw_high: float | None
    capped: float | None
    capped_low: float | None
    capped_high: float | None
    without_low: float | None
    without_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How much hangs on few votes and few voters, of an identifiable board.

    ``fragile``: the fewest votes whose removal changes first place, in a sentence; ``fewest`` as a number, None where
    none was found. ``deciding``: whether one voter can decide first place, in a sentence. ``no_cap``: why there is no
    capped board; ``cap``: the largest share of a voter on it, which touches ``capped_voters``.
    """

    systems: tuple[Beside, ...]
    fragile: str
    fewest: int | None
    deciding: str
    voters: tuple[WithoutVoter, ...]
    no_cap: str
    cap: float | None
    capped_voters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A rating as it was. ``votes``: counted until then. None: not identifiable then."""

    at: datetime
    votes: int
    rating: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One system over time."""

    system: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The board of the votes cast until some moments, with the decisions that stand now."""

    lines: tuple[Line, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two kinds of voter agree on ``battles`` (a query and two systems) that both judged, by the majority of
    each; where ``first`` is ``second``, how far the voters of a kind agree on battles judged more than once.

    ``category`` empty: all. Coefficients are None where there is too little to compare; ``raw`` and ``kappa`` are of
    two raters, so within a kind there is only ``alpha``.
    """

    first: VoterKind
    second: VoterKind
    category: str
    battles: int
    raw: float | None
    kappa: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A battle on which two kinds disagree, and which system each prefers ("equal": neither)."""

    query: str
    category: str
    first: str
    second: str
    verdicts: tuple[tuple[VoterKind, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """Agreement within each kind and between kinds, and the battles on which they disagree."""

    rows: tuple[Agreement, ...]
    disagreements: tuple[Disagreement, ...]
    disagreeing: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinable:
    """An order that can be combined with others: the board of a kind of voter, of a category, or a measure."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What was combined: title and systems best first, those on one level together."""

    title: str
    levels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """Several orders of the same systems made one. ``borda``: system and mean share of the systems that it is ahead
    of; ``kemeny``: the order that turns round the fewest pairs of the given orders, ``disagreements`` of ``judged``;
    ``optimal``: proven to be the fewest. ``left_out``: orders that could not be made, and why."""

    orders: tuple[Ordered, ...]
    borda: tuple[tuple[str, float], ...]
    kemeny: tuple[str, ...]
    disagreements: int
    judged: int
    optimal: bool
    left_out: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A system's rating without and with the covariates."""

    system: str
    without: float | None
    adjusted: float | None
