"""The fewest votes whose removal changes first place, as an upper bound that a fit has checked.

A vote gives B S_v to the strengths (core/ratings/sandwich.py); for each challenger the votes that help the leader's
lead over it most are removed first, as many as it takes by bisection with a fit of the rest each time, then in the
order that the fit without them gives, then every removed vote that is not needed is put back (greedy, as Broderick,
Giordano and Meager 2020, An automatic finite-sample robustness metric). Fewer votes may do: finding the true minimum
would mean trying every subset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.sandwich import numbered
from core.ratings.score_rows import Fit

Refit = Callable[[PairTable], Fit]

_CHALLENGERS = 4
_ORDERS = 3
_PUT_BACK = 200
_LEVEL = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fragility:
    """Without ``at_most`` votes, ``share`` of all, ``challenger`` is level with ``leader`` or ahead of it.

    ``votes``: (at_most,) their numbers in ``Outcomes.vote``. ``at_most`` is 0 where no such removal was found (the
    ratings would no longer exist before).
    """

    leader: str
    challenger: str
    at_most: int
    share: float
    votes: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kinds:
    """Votes that are alike (same systems, same verdict, same weight) are one kind, of which some are removed.

    ``kind``: (n,) of each outcome. ``count``: (U,) votes. ``rows``: one vote of each kind, as outcomes; ``of``: (m,)
    the kind of each of those.
    """

    kind: Integers
    count: Integers
    rows: Outcomes
    of: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Removal:
    removed: Integers  # (U,) votes of each kind
    challenger: int

    @property
    def size(self) -> int:
        return int(self.removed.sum())


def fragility(outcomes: Outcomes, fit: Fit, *, refit: Refit = fit_bradley_terry) -> Fragility:
    """``fit``: of the same outcomes, ``refit``: how it was made."""
    leader = int(np.argmax(fit.strengths))
    search = _Search(outcomes, leader, refit)
    best: _Removal | None = None
    for challenger in search.nearest(fit)[:_CHALLENGERS]:
        best = search.improved(fit, challenger, best)
    if best is None:
        return Fragility(
            leader=fit.systems[leader], challenger="", at_most=0, share=0.0, votes=np.empty(0, dtype=np.int64)
        )
    return Fragility(
        leader=fit.systems[leader],
        challenger=fit.systems[best.challenger],
        at_most=best.size,
        share=best.size / outcomes.votes,
        votes=search.numbers(best.removed),
    )


class _Search:
    def __init__(self, outcomes: Outcomes, leader: int, refit: Refit) -> None:
        self._outcomes, self._leader, self._refit = outcomes, leader, refit
        self._kinds, self._pairs = _kinds(outcomes), pair_table(outcomes)

    def nearest(self, fit: Fit) -> list[int]:
        """The other systems, those first that the fewest votes seem to bring level."""
        given, others = self._given(fit), [i for i in range(len(fit.systems)) if i != self._leader]
        return sorted(others, key=lambda i: self._foreseen(fit, i, self._help(given, i)))

    def improved(self, fit: Fit, challenger: int, best: _Removal | None) -> _Removal | None:
        """The smaller of ``best`` and what is found for this challenger."""
        at = fit
        for _ in range(_ORDERS):
            found = self._bisected(fit, challenger, self._help(self._given(at), challenger), best)
            if found is None or (best is not None and found.size >= best.size):
                break
            best = self._put_back(found)
            at = self._without(best.removed) or fit
        return best

    def numbers(self, removed: Integers) -> Integers:
        """Numbers of the first votes of each kind."""
        found = []
        for kind in np.flatnonzero(removed).tolist():
            votes = self._outcomes.vote[self._kinds.kind == kind]
            found.append(votes[np.sort(np.unique(votes, return_index=True)[1])][: removed[kind]])
        return np.sort(np.concatenate(found))

    def _given(self, fit: Fit) -> Floats:
        """(U, k) what one vote of each kind gives to every strength."""
        kinds = self._kinds
        all_votes = kinds.rows.weighted(kinds.rows.weight * kinds.count[kinds.of])
        rows = fit.score_rows(all_votes)
        scores = rows.cluster_scores(kinds.of, len(kinds.count))
        given: Floats = (scores @ rows.bread)[:, : rows.systems] / kinds.count[:, None]
        return given

    def _help(self, given: Floats, challenger: int) -> Floats:
        """(U,) what one vote of each kind gives to the leader's lead over the challenger."""
        return given[:, self._leader] - given[:, challenger]

    def _foreseen(self, fit: Fit, challenger: int, help_: Floats) -> float:
        """About how many votes it takes, by the first-order steps."""
        lead = float(fit.strengths[self._leader] - fit.strengths[challenger])
        order = np.argsort(-help_, kind="stable")
        gained = np.cumsum((self._kinds.count * np.maximum(help_, 0.0))[order])
        at = int(np.searchsorted(gained, lead))
        if at == len(gained):
            return float("inf")
        before = gained[at - 1] if at else 0.0
        return float(self._kinds.count[order[:at]].sum() + (lead - before) / max(float(help_[order[at]]), 1e-300))

    def _bisected(self, fit: Fit, challenger: int, help_: Floats, best: _Removal | None) -> _Removal | None:
        """The fewest votes in the order of their help that change first place, where fewer than ``best``."""
        most = int(self._kinds.count[help_ > 0.0].sum())
        most = most if best is None else min(most, best.size - 1)
        high = max(1, min(most, round(min(self._foreseen(fit, challenger, help_), float(most)))))
        low, found = 0, None
        while found is None and low < most:
            found = self._changed(self._first(help_, high))
            if found is None:
                low, high = high, min(most, high + max(1, high // 4))
                if low == most:
                    return None
        while found is not None and high - low > 1:
            middle = (low + high) // 2
            fewer = self._changed(self._first(help_, middle))
            if fewer is None:
                low = middle
            else:
                high, found = middle, fewer
        return found

    def _first(self, help_: Floats, votes: int) -> Integers:
        order = np.argsort(-help_, kind="stable")
        before = np.cumsum(self._kinds.count[order]) - self._kinds.count[order]
        removed = np.zeros(len(order), dtype=np.int64)
        removed[order] = np.clip(votes - before, 0, self._kinds.count[order])
        return removed

    def _put_back(self, found: _Removal) -> _Removal:
        if found.size > _PUT_BACK:
            return found
        for kind in np.flatnonzero(found.removed).tolist():
            while found.removed[kind] and found.size > 1:
                fewer = found.removed.copy()
                fewer[kind] -= 1
                still = self._changed(fewer)
                if still is None:
                    break
                found = still
        return found

    def _changed(self, removed: Integers) -> _Removal | None:
        fit = self._without(removed)
        if fit is None:
            return None
        ahead = fit.strengths - fit.strengths[self._leader]
        ahead[self._leader] = -np.inf
        challenger = int(np.argmax(ahead))
        return _Removal(removed=removed, challenger=challenger) if ahead[challenger] >= -_LEVEL else None

    def _without(self, removed: Integers) -> Fit | None:
        times = removed[self._kinds.of]
        some = times > 0
        gone = self._kinds.rows.where(some)
        table = pair_table(gone.weighted(gone.weight * times[some])) if some.any() else None
        if table is None:
            return self._refit(self._pairs)
        left = (self._pairs.wins - table.wins, self._pairs.ties - table.ties)
        wins, ties = (np.where(rest > 1e-9, rest, 0) for rest in left)
        try:
            return self._refit(PairTable(systems=self._pairs.systems, wins=wins, ties=ties))
        except RunoffError:
            return None


def _kinds(outcomes: Outcomes) -> _Kinds:
    """Votes of one outcome by (systems, verdict, weight); a vote over several systems is a kind of its own."""
    k = len(outcomes.systems)
    vote, votes = numbered(outcomes.vote)
    single = np.bincount(vote, minlength=votes)[vote] == 1
    forward = outcomes.left < outcomes.right
    low, high = np.minimum(outcomes.left, outcomes.right), np.maximum(outcomes.left, outcomes.right)
    doubled = np.rint(2.0 * np.where(forward, outcomes.share, 1.0 - outcomes.share)).astype(np.int64)
    weights, weight = np.unique(outcomes.weight, return_inverse=True)
    cell = ((low * k + high) * 3 + doubled) * len(weights) + weight
    cell = np.where(single, cell, k * k * 3 * len(weights) + vote)
    kind, kinds = numbered(cell)
    first = np.unique(kind[single], return_index=True)[1]
    chosen = np.sort(np.concatenate([np.flatnonzero(single)[first], np.flatnonzero(~single)]))
    count = np.bincount(kind[single], minlength=kinds)
    count[np.unique(kind[~single])] = 1
    return _Kinds(kind=kind, count=count, rows=outcomes.where(_mask(len(outcomes), chosen)), of=kind[chosen])


def _mask(n: int, chosen: Integers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(n, dtype=np.bool_)
    mask[chosen] = True
    return mask
