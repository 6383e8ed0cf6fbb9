"""What the acts of the log make of each vote: withdrawn, excluded, quarantined, corrected.

Of EXCLUDE, QUARANTINE and READMIT the last one on the vote or its voter, by number in the log, counts; an act on a
voter also holds for that voter's later votes. But a vote that was excluded by itself stays excluded until it is
readmitted by itself, whatever is said of its voter. UNDO is final. The last CORRECT changes the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.domain.comparisons import Comparisons, Floats, Integers
from core.domain.errors import InvalidInputError
from core.domain.vote_log import ActKind, Decision
from core.domain.voting import SHARES, Verdict

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteState:
    """What became of one vote. ``verdict``: the corrected one, None where the voter's own stands."""

    withdrawn: bool = False
    excluded: bool = False
    quarantined: bool = False
    verdict: Verdict | None = None

    @property
    def counted(self) -> bool:
        """Whether boards count it."""
        return not (self.withdrawn or self.excluded or self.quarantined)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The last EXCLUDE, QUARANTINE or READMIT on a vote or a voter; number 0: none."""

    number: int = 0
    kind: ActKind = ActKind.READMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Everything that was said about one vote itself."""

    standing: _Standing = _Standing()
    withdrawn: bool = False
    corrected: int = 0
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrays:
    """The same as arrays, a row for each vote that was spoken of, by rising id."""

    vote: Integers
    number: Integers
    withdrawn: Flags
    excluded: Flags
    dropped: Flags
    share: Floats  # NaN where not corrected
    both_bad: Flags


class Decisions:
    """All acts of a log (or of its beginning), asked vote by vote or for whole columns. Never changes."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        """``decisions``: in any order; their numbers tell which came last."""
        self._all = tuple(decisions)
        self._votes: dict[int, _Said] = {}
        self._voters: dict[str, _Standing] = {}
        for decision in self._all:
            if decision.act.voter:
                known = self._voters.get(decision.act.voter, _Standing())
                self._voters[decision.act.voter] = _later(known, decision)
            else:
                self._votes[decision.vote] = _heard(self._votes.get(decision.vote, _Said()), decision)

    def __len__(self) -> int:
        return len(self._all)

    def until(self, at: datetime) -> Decisions:
        """Only what had been decided by ``at``, inclusive."""
        return Decisions(decision for decision in self._all if decision.act.at <= at)

    def state(self, vote_id: int, voter: str) -> VoteState:
        """What became of the vote ``vote_id`` of ``voter``."""
        said = self._votes.get(vote_id, _Said())
        by_voter = self._voters.get(voter, _Standing())
        last = max(said.standing, by_voter, key=lambda standing: standing.number)
        if said.standing.kind is ActKind.EXCLUDE:
            last = said.standing
        return VoteState(
            withdrawn=said.withdrawn,
            excluded=last.kind is ActKind.EXCLUDE,
            quarantined=last.kind is ActKind.QUARANTINE,
            verdict=said.verdict,
        )

    def apply(self, comparisons: Comparisons, *, count_quarantined: bool = False) -> Comparisons:
        """The rows that count, with corrected verdicts; the input itself where nothing changes.

        O(n) only where rows fall away; the acts themselves are looked up by bisection, since votes rise.
        InvalidInputError for a correction of a vote over several systems, whose order no verdict can express.
        """
        if not self._all or not len(comparisons):
            return comparisons
        drops = {ActKind.EXCLUDE} if count_quarantined else {ActKind.EXCLUDE, ActKind.QUARANTINE}
        by_voter, dropped_voter = self._voter_arrays(comparisons.voters, drops)
        dropped = dropped_voter[comparisons.voter] if dropped_voter.any() else np.zeros(len(comparisons), dtype=bool)
        said = _arrays(self._votes, drops)
        row, about = _rows(comparisons.vote, said.vote)
        own = said.excluded[about] | (said.number[about] > by_voter[comparisons.voter[row]])
        dropped[row] = said.withdrawn[about] | np.where(own, said.dropped[about], dropped[row])
        corrected = _corrected(comparisons, said, row, about)
        return corrected.only(~dropped) if dropped.any() else corrected

    def _voter_arrays(self, voters: tuple[str, ...], drops: set[ActKind]) -> tuple[Integers, Flags]:
        """Number of the last act on each voter, and whether it drops the voter's votes: (voters,)."""
        number, dropped = np.zeros(len(voters), dtype=np.int64), np.zeros(len(voters), dtype=bool)
        if self._voters:
            for place, voter in enumerate(voters):
                if voter in self._voters:
                    standing = self._voters[voter]
                    number[place], dropped[place] = standing.number, standing.kind in drops
        return number, dropped


def _later(known: _Standing, decision: Decision) -> _Standing:
    if decision.number <= known.number:
        return known
    return _Standing(number=decision.number, kind=decision.act.kind)


def _heard(said: _Said, decision: Decision) -> _Said:
    if decision.act.kind is ActKind.UNDO:
        return replace(said, withdrawn=True)
    if decision.act.kind is not ActKind.CORRECT:
        return replace(said, standing=_later(said.standing, decision))
    if decision.number <= said.corrected:
        return said
    return replace(said, corrected=decision.number, verdict=decision.act.verdict)


def _arrays(votes: Mapping[int, _Said], drops: set[ActKind]) -> _Arrays:
    ids = sorted(votes)
    said = [votes[id] for id in ids]
    return _Arrays(
        vote=np.array(ids, dtype=np.int64),
        number=np.array([one.standing.number for one in said], dtype=np.int64),
        withdrawn=np.array([one.withdrawn for one in said], dtype=bool),
        excluded=np.array([one.standing.kind is ActKind.EXCLUDE for one in said], dtype=bool),
        dropped=np.array([one.standing.kind in drops for one in said], dtype=bool),
        share=np.array([np.nan if one.verdict is None else SHARES[one.verdict] for one in said], dtype=np.float64),
        both_bad=np.array([one.verdict is Verdict.BOTH_BAD for one in said], dtype=bool),
    )


def _rows(vote: Integers, ids: Integers) -> tuple[Integers, Integers]:
    """Rows of the votes that were spoken of, and the place of each in ``ids``; ``vote`` rises."""
    first, end = np.searchsorted(vote, ids, "left"), np.searchsorted(vote, ids, "right")
    count = end - first
    about = np.repeat(np.arange(len(ids)), count)
    within = np.arange(len(about)) - np.repeat(np.cumsum(count) - count, count)
    return first[about] + within, about


def _corrected(comparisons: Comparisons, said: _Arrays, row: Integers, about: Integers) -> Comparisons:
    changed = ~np.isnan(said.share[about])
    if not changed.any():
        return comparisons
    row, about = row[changed], about[changed]
    if len(np.unique(about)) < len(about):
        raise InvalidInputError("A vote over several systems cannot be corrected; exclude it instead.")
    share, both_bad = comparisons.share.copy(), comparisons.both_bad.copy()
    share[row], both_bad[row] = said.share[about], said.both_bad[about]
    return replace(comparisons, share=share, both_bad=both_bad)
