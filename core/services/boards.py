"""What a leaderboard consists of: entries, pairs, and how they are read off a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from core.domain.rankings import Ranking
from core.domain.voting import VoterKind
from core.measures.intervals import MeanInterval, mean_interval
from core.ratings.board import Board as Fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the board. ``systems``: specifications that share it because their orders are equal everywhere.

    ``rating``/``low``/``high``: 400 per factor ten, mean 1000, 95 % interval; None where not identifiable (or, for
    the interval, where one query or voter is all there is).
    ``ndcg``/``ndcg_low``/``ndcg_high``: mean nDCG@10 over ``queries`` labelled queries with a 95 % interval, or None,
    also while some list is not ranked yet.
    ``calls`` and ``prompt_tokens``: logical model calls and prompt tokens per query, None without rankings.
    """

    systems: tuple[str, ...]
    rating: float | None
    low: float | None
    high: float | None
    votes: int
    wins: int
    ties: int
    losses: int
    ndcg: float | None
    ndcg_low: float | None
    ndcg_high: float | None
    queries: int
    calls: float | None
    prompt_tokens: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCount:
    """Votes between two entries (indices into ``Board.entries``), seen from ``first``."""

    first: int
    second: int
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A battle that would help: two entries and what is needed, in words."""

    first: int
    second: int
    needed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``identifiable``: whether ratings could be estimated; ``explanation`` says why not or how they were made.

    ``summary``: the plain sentence above everything.
    """

    collection: str
    kind: VoterKind
    category: str
    entries: tuple[Entry, ...]
    pairs: tuple[PairCount, ...]
    votes: int
    voters: int
    identifiable: bool
    summary: str
    explanation: str
    missing: tuple[Missing, ...]


def by_rating(groups: Sequence[tuple[str, ...]], fitted: Fitted) -> list[tuple[str, ...]]:
    """Best first; those without a place at the end, in their own order."""
    values = fitted.pairs.half_wins.sum(axis=1) if fitted.fit is None else fitted.fit.ratings
    place = dict(zip(fitted.pairs.systems, values, strict=True))
    return sorted(groups, key=lambda group: -float(place.get(group[0], -np.inf)))


def entry(
    group: tuple[str, ...],
    names: Mapping[str, str],
    fitted: Fitted,
    values: Mapping[str, Mapping[str, float]],
    rankings: Sequence[Ranking],
) -> Entry:
    at = fitted.pairs.systems.index(group[0]) if group[0] in fitted.pairs.systems else None
    tables = (fitted.pairs.wins, fitted.pairs.ties, fitted.pairs.losses)
    wins, ties, losses = (0 if at is None else int(table[at].sum()) for table in tables)
    mine = [ranking for ranking in rankings if ranking.system == group[0]]
    measured = list(values.get(group[0], {}).values())
    interval = _interval(measured)
    return Entry(
        systems=tuple(names.get(fingerprint, fingerprint[:12]) for fingerprint in group),
        rating=None if at is None or fitted.fit is None else float(fitted.fit.ratings[at]),
        low=None if at is None or fitted.intervals is None else float(fitted.intervals.low[at]),
        high=None if at is None or fitted.intervals is None else float(fitted.intervals.high[at]),
        votes=wins + ties + losses,
        wins=wins,
        ties=ties,
        losses=losses,
        ndcg=fmean(measured) if measured else None,
        ndcg_low=None if interval is None else interval.low,
        ndcg_high=None if interval is None else interval.high,
        queries=len(measured),
        calls=fmean(ranking.logical.calls for ranking in mine) if mine else None,
        prompt_tokens=fmean(ranking.logical.prompt_tokens for ranking in mine) if mine else None,
    )


def _interval(values: Sequence[float]) -> MeanInterval | None:
    return mean_interval(values) if len(values) > 1 else None


def pair_counts(fitted: Fitted, place: Mapping[str, int]) -> tuple[PairCount, ...]:
    table = fitted.pairs
    found = []
    for i, first in enumerate(table.systems):
        for j, second in enumerate(table.systems):
            if place[first] < place[second] and table.met[i, j]:
                found.append(
                    PairCount(
                        first=place[first],
                        second=place[second],
                        wins=int(table.wins[i, j]),
                        ties=int(table.ties[i, j]),
                        losses=int(table.losses[i, j]),
                    )
                )
    return tuple(sorted(found, key=lambda pair: (pair.first, pair.second)))
