"""Votes gathered row by row into the columns that ratings are computed from."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta

import numpy as np

from core.datasets.votes.cast_row import CastRow, battle_id
from core.domain.comparisons import Comparisons
from core.domain.voting import SHARES, BattleForm, Control, Verdict, Vote, compared

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_INTEGERS = ("left", "right", "voter", "query", "group", "vote", "at", "depth", "slot")


class ColumnBuilder:
    """One board's rows. Controls are counted in ``controls`` and left out."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, int]] = {name: {} for name in ("systems", "voters", "queries", "groups")}
        self._whole = {name: array("q") for name in _INTEGERS}
        self._share, self._seconds, self._both_bad = array("d"), array("d"), array("b")
        self.controls = 0
        self.votes = 0

    def add_vote(self, vote: Vote) -> None:
        """Every pair of systems that a vote of a log compared, as it was cast."""
        if vote.control is not Control.NONE:
            self.controls += 1
            return
        verdict = vote.cast_verdict or vote.verdict
        seconds = float("nan") if vote.shown_at is None else (vote.cast_at - vote.shown_at).total_seconds()
        side_by_side = vote.form is BattleForm.SIDE_BY_SIDE
        self.votes += 1
        for pair in compared(vote.slots, verdict, vote.order):
            if pair.left == pair.right:
                continue
            self._pair(pair.left, pair.right, pair.share, verdict)
            self._context(vote.voter, vote.query_id, vote.voter_group, vote.id, vote.cast_at)
            self._whole["depth"].append(vote.depth)
            self._whole["slot"].append(int(side_by_side))
            self._seconds.append(seconds)

    def add_row(self, row: CastRow, source: str) -> None:
        """A vote on two systems of the file ``source``."""
        if row.control is not Control.NONE:
            self.controls += 1
            return
        self.votes += 1
        self._pair(row.left, row.right, SHARES[row.verdict], row.verdict)
        self._context(row.voter or battle_id(row, source), row.query, row.group, row.number, row.at or _EPOCH)
        self._whole["depth"].append(0)
        self._whole["slot"].append(1)
        self._seconds.append(float("nan"))

    def finish(self) -> Comparisons:
        """The columns."""
        whole = {name: np.array(column, dtype=np.int64) for name, column in self._whole.items()}
        return Comparisons(
            systems=tuple(self._names["systems"]),
            voters=tuple(self._names["voters"]),
            queries=tuple(self._names["queries"]),
            groups=tuple(self._names["groups"]),
            left=whole["left"],
            right=whole["right"],
            share=np.array(self._share, dtype=np.float64),
            both_bad=np.array(self._both_bad, dtype=np.bool_),
            voter=whole["voter"],
            query=whole["query"],
            group=whole["group"],
            vote=whole["vote"],
            at=whole["at"],
            depth=whole["depth"],
            slot=whole["slot"],
            seconds=np.array(self._seconds, dtype=np.float64),
        )

    def _pair(self, left: str, right: str, share: float, verdict: Verdict) -> None:
        self._place("left", "systems", left)
        self._place("right", "systems", right)
        self._share.append(share)
        self._both_bad.append(verdict is Verdict.BOTH_BAD)

    def _context(self, voter: str, query: str, group: str, vote: int, at: datetime) -> None:
        self._place("voter", "voters", voter)
        self._place("query", "queries", query)
        self._place("group", "groups", group)
        self._whole["vote"].append(vote)
        self._whole["at"].append((at - _EPOCH) // _MILLISECOND)

    def _place(self, column: str, names: str, name: str) -> None:
        places = self._names[names]
        self._whole[column].append(places.setdefault(name, len(places)))
