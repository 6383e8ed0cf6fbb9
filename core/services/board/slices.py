"""Slices of the vote log: which rows a board asks for, and which of them still count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.domain.comparisons import Comparisons
from core.domain.decisions import Decisions
from core.services.board.boards import BoardRequest, Quarantine

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """``rows`` that count and what waits for a decision among the others."""

    rows: Comparisons
    quarantine: Quarantine


def sliced(
    comparisons: Comparisons, decisions: Decisions, request: BoardRequest, categories: Mapping[str, str]
) -> Slice:
    """The rows of a request. ``categories``: of each query, needed where the request names a category."""
    asked = comparisons.only(wanted(comparisons, request, categories))
    if request.as_of is not None:
        decisions = decisions.until(request.as_of)
    doubted = decisions.apply(asked, count_quarantined=True)
    sure = decisions.apply(asked, count_quarantined=False)
    return Slice(
        rows=doubted if request.count_quarantined else sure,
        quarantine=_quarantine(doubted, sure, request.count_quarantined),
    )


def wanted(comparisons: Comparisons, request: BoardRequest, categories: Mapping[str, str]) -> Mask:
    """(n,) rows of the category, group, depth and times that a request names."""
    mask = np.ones(len(comparisons), dtype=np.bool_)
    if request.category:
        of = [categories.get(query, "") == request.category for query in comparisons.queries]
        mask &= np.array(of, dtype=np.bool_)[comparisons.query]
    if request.group:
        mask &= np.array([group == request.group for group in comparisons.groups])[comparisons.group]
    if request.depth:
        mask &= comparisons.depth == request.depth
    if request.since is not None:
        mask &= comparisons.at >= milliseconds(request.since)
    if request.until is not None:
        mask &= comparisons.at < milliseconds(request.until)
    if request.as_of is not None:
        mask &= comparisons.at <= milliseconds(request.as_of)
    return mask


def milliseconds(moment: datetime) -> int:
    """Since 1970 UTC, rounded down, as the log's columns have it."""
    return int(moment.timestamp() * 1000)


def _quarantine(doubted: Comparisons, sure: Comparisons, counted: bool) -> Quarantine:
    if len(doubted) == len(sure):
        return Quarantine(counted=counted)
    waiting = ~np.isin(doubted.vote, sure.vote)
    return Quarantine(
        votes=len(np.unique(doubted.vote[waiting])),
        voters=len(np.unique(doubted.voter[waiting])),
        counted=counted,
    )
