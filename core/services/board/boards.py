"""What a leaderboard is asked for and what it consists of. board_views.py has what is read about it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.errors import InvalidInputError
from core.domain.voting import VoterKind
from core.ratings.board import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRequest:
    """A slice of the log and a way to rate it.

    ``collection``: name or fingerprint, or an imported log ("votes:name"). ``category`` of the query, ``group`` of
    the voter, ``depth`` of the candidate list: all where empty or 0. ``since`` inclusive, ``until`` exclusive: votes
    cast then. ``as_of``: the log as it stood then, with the decisions made until then; moments know their time zone.
    ``capped``: no voter weighs more than its share. ``covariates``: names of COVARIATES in covariate_columns.
    ``count_quarantined``: as if no person and no detector had doubted them.
    """

    collection: str
    kind: VoterKind = VoterKind.PERSON
    category: str = ""
    group: str = ""
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    depth: int = 0
    method: Method = Method.BRADLEY_TERRY
    capped: bool = False
    covariates: tuple[str, ...] = ()
    count_quarantined: bool = False

    def __post_init__(self) -> None:
        for name in ("since", "until", "as_of"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise InvalidInputError(f"{name} is {moment.isoformat()} without a time zone; add one, such as Z.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the board. ``systems``: specifications that share it because their orders are equal everywhere.

    ``rating``/``low``/``high``: on the board's scale, 95 % interval; None where not identifiable (or, for the
    interval, where one query or voter is all there is). Ratings are comparable within one ``component`` only.
    ``first_rank``/``last_rank``: the ranks, from 1, that this entry may have; sets of all entries hold together.
    ``votes``: comparisons with this entry, of which ``wins``, ``ties`` and ``losses``.
    ``ndcg``/``ndcg_low``/``ndcg_high``: mean nDCG@10 over ``queries`` labelled queries with a 95 % interval, or None,
    also while some list is not ranked yet.
    ``calls`` and ``prompt_tokens``: logical model calls and prompt tokens per query; ``p50_ms``: median time of a
    query on the machine that ran it, without answers from the cache; None where there is nothing to measure.
    ``machines``: where its rankings were made, as in core.domain.machines.
    """

    systems: tuple[str, ...]
    rating: float | None
    low: float | None
    high: float | None
    first_rank: int | None = None
    last_rank: int | None = None
    votes: int
    wins: int
    ties: int
    losses: int
    component: int = 0
    ndcg: float | None = None
    ndcg_low: float | None = None
    ndcg_high: float | None = None
    queries: int = 0
    calls: float | None = None
    prompt_tokens: float | None = None
    p50_ms: float | None = None
    machines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The systems of this entry on one line."""
        return " = ".join(self.systems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCount:
    """Comparisons of two entries (indices into ``Board.entries``), seen from ``first``."""

    first: int
    second: int
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """``probability`` that entry ``first`` beats entry ``second`` in the next comparison, a tie half to each, with a
    95 % interval. ``better``: how sure it is that ``first`` is the better of the two, looked at alone; ``clear``:
    whether it is ahead when all pairs are judged together."""

    first: int
    second: int
    probability: float
    low: float
    high: float
    better: float
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A battle that would help: two entries and what is needed, in words."""

    first: int
    second: int
    needed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Entries (indices) that are comparable with one another; ``why`` they are apart from the others, in words."""

    entries: tuple[int, ...]
    rateable: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """``votes``: how many more would settle first place with 80 % chance, 0 where it is settled, None where nobody can
    say. ``detail``: under what conditions."""

    votes: int | None
    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How often the left side won of ``decided`` side-by-side votes with a winner, with a 95 % interval."""

    share: float
    low: float
    high: float
    decided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one unit of a covariate adds to a system's rating, in points, with a 95 % interval where there is one."""

    name: str
    points: float
    low: float | None
    high: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """``votes`` of ``voters`` in this slice that wait for a person's decision, and whether the board counts them."""

    votes: int = 0
    voters: int = 0
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``entries``: best first. ``identifiable``: whether one scale holds all that have met.

    ``summary``: the plain sentence above everything. ``explanation``: how the numbers were made or why there are none.
    ``scale`` and ``estimand``: the unit of a rating and what it estimates.
    ``votes``: that count (one over several systems is one); ``comparisons``: pairs of systems in them.
    ``newer``: votes that came since and are being counted now. ``too_few``: says so where the slice has too few.
    ``agreements``: battles never held because both lists begin with the same documents; None where people do not vote.
    ``heaviest``: share of the votes by the voter with the most.
    ``not_capped``: why voters weigh fully though a capped board was asked for; empty where they do not or none was.
    """

    request: BoardRequest
    entries: tuple[Entry, ...]
    pairs: tuple[PairCount, ...]
    votes: int
    voters: int
    identifiable: bool
    summary: str
    explanation: str
    scale: str
    estimand: str
    comparisons: int = 0
    chances: tuple[Chance, ...] = ()
    parts: tuple[Part, ...] = ()
    missing: tuple[Missing, ...] = ()
    too_few: str = ""
    settle: Settle = field(default=Settle(votes=None, sentence=""))
    side: Side | None = None
    effects: tuple[Effect, ...] = ()
    quarantine: Quarantine = field(default=Quarantine())
    agreements: int | None = None
    heaviest: float = 0.0
    not_capped: str = ""
    newer: int = 0

    @property
    def collection(self) -> str:
        """Fingerprint of the collection, or the imported log."""
        return self.request.collection

    @property
    def kind(self) -> VoterKind:
        """Who voted."""
        return self.request.kind

    @property
    def category(self) -> str:
        """Of the queries; empty for all."""
        return self.request.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a slice can be made of here. ``moments``: first and last vote, None without votes."""

    categories: tuple[str, ...]
    groups: tuple[str, ...]
    depths: tuple[int, ...]
    moments: tuple[datetime, datetime] | None
    counts: Mapping[VoterKind, int]
