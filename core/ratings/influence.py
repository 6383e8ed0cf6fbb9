"""Leave one voter (or one query) out: how far every rating moves, and whether first place does.

One Newton step from the fit on the votes without cluster g, -(H - H_g)^-1 S_g with H the information and S the scores
of core/ratings/sandwich.py; of more than 300 clusters only the heaviest by the first-order step -H^-1 S_g. Where first
place changes, or nearly does, the step is replaced by a fit. Pregibon 1981, Logistic regression diagnostics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import RunoffError
from core.ratings.bradley_terry import MEAN_RATING, POINTS, fit_bradley_terry, inverse_information
from core.ratings.identifiability import examine
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.sandwich import numbered
from core.ratings.score_rows import Fit, ScoreRows

Refit = Callable[[PairTable], Fit]

_EXACT = 300
_VERIFIED = 30
_NEARLY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pull:
    """The board without one voter (or query). ``shift``: (k,) rating points, without minus with.

    ``votes``: outcomes of this one; ``share`` of the weight of all. ``leader``: first without it.
    """

    name: str
    votes: int
    share: float
    shift: Floats
    leader: str

    @property
    def largest(self) -> float:
        """The largest change of any rating, in points."""
        return float(np.abs(self.shift).max())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """``low``, ``high``: (k,) rating points, the range of each rating over all boards without one (and with all).

    ``pulls``: those with the largest shift first. ``deciding``: without any one of these another system is first ("one
    voter can decide this"). ``essential``: without any one of these there are no ratings.
    """

    systems: tuple[str, ...]
    leader: str
    low: Floats
    high: Floats
    pulls: tuple[Pull, ...]
    deciding: tuple[str, ...]
    essential: tuple[str, ...]


def voter_influence(outcomes: Outcomes, fit: Fit, *, most: int = 10, refit: Refit = fit_bradley_terry) -> Influence:
    """Leave one voter out. ``fit``: of the same outcomes. ``most``: length of ``pulls``. ``refit``: how it was made."""
    return _left_out(outcomes, fit, outcomes.voter, outcomes.voters, most, refit)


def _left_out(
    outcomes: Outcomes, fit: Fit, column: Integers, names: Sequence[str], most: int, refit: Refit
) -> Influence:
    rows, pairs = fit.score_rows(outcomes), pair_table(outcomes)
    position, groups = numbered(column)
    present = np.unique(column)
    essential = _essential(outcomes, pairs, position, groups)
    shifts = _steps(rows, position, groups, essential)
    kept = np.flatnonzero(~essential)
    for g in _doubtful(fit.strengths, shifts, kept):
        try:
            without = refit(_without(pairs, outcomes, position == g))
        except RunoffError:
            essential[g] = True
        else:
            shifts[g] = without.strengths - fit.strengths
    kept = np.flatnonzero(~essential)
    boards = np.vstack([fit.strengths, fit.strengths + shifts[kept]])
    leaders = boards.argmax(axis=1)
    counts = np.bincount(position, minlength=groups)
    weights = np.bincount(position, weights=outcomes.weight, minlength=groups) / outcomes.weight.sum()
    order = kept[np.argsort(-np.abs(shifts[kept]).max(axis=1), kind="stable")][:most]
    leader_of = dict(zip(kept.tolist(), leaders[1:].tolist(), strict=True))
    return Influence(
        systems=fit.systems,
        leader=fit.systems[int(leaders[0])],
        low=MEAN_RATING + POINTS * boards.min(axis=0),
        high=MEAN_RATING + POINTS * boards.max(axis=0),
        pulls=tuple(
            Pull(
                name=names[present[g]],
                votes=int(counts[g]),
                share=float(weights[g]),
                shift=POINTS * shifts[g],
                leader=fit.systems[leader_of[g]],
            )
            for g in order.tolist()
        ),
        deciding=tuple(names[present[g]] for g in kept.tolist() if leader_of[g] != leaders[0]),
        essential=tuple(names[present[g]] for g in np.flatnonzero(essential).tolist()),
    )


def _steps(rows: ScoreRows, position: Integers, groups: int, essential: NDArray[np.bool_]) -> Floats:
    """(groups, k) change of the strengths without each cluster."""
    k = rows.systems
    scores = rows.cluster_scores(position, groups)
    shifts = -(scores @ rows.bread)[:, :k]
    heaviest = np.argsort(-np.abs(shifts).max(axis=1), kind="stable")[:_EXACT]
    chosen = heaviest[~essential[heaviest]]
    place = np.full(groups, len(chosen))
    place[chosen] = np.arange(len(chosen))
    inside = rows.cluster_information(place[position], len(chosen) + 1)
    whole = inside.sum(axis=0)
    for at, g in enumerate(chosen.tolist()):
        shifts[g] = -(inverse_information(whole - inside[at], rows.extra) @ scores[g])[:k]
    return shifts


def _doubtful(strengths: Floats, shifts: Floats, kept: Integers) -> list[int]:
    """Clusters without which, by the step, first place changes or is within reach of the step's own error."""
    leader = int(strengths.argmax())
    moved = strengths + shifts[kept]
    rivals = np.delete(moved, leader, axis=1)
    if not rivals.size:
        return []
    lead = moved[:, leader] - rivals.max(axis=1)
    doubt = lead - _NEARLY * np.abs(shifts[kept]).max(axis=1)
    order = np.argsort(doubt, kind="stable")[:_VERIFIED]
    return [int(kept[at]) for at in order if doubt[at] <= 0.0]


def _essential(outcomes: Outcomes, pairs: PairTable, position: Integers, groups: int) -> NDArray[np.bool_]:
    """(groups,) whether ratings do not exist without the cluster: asked of those that alone hold "i beats or ties j"
    for some i and j, since all others leave that relation as it is."""
    k = len(pairs.systems)
    forward, backward = outcomes.left * k + outcomes.right, outcomes.right * k + outcomes.left
    scores, concedes = outcomes.share > 0.0, outcomes.share < 1.0
    cell = np.concatenate([forward[scores], backward[concedes]])
    holder = np.concatenate([position[scores], position[concedes]])
    low, high = np.full(k * k, groups), np.full(k * k, -1)
    np.minimum.at(low, cell, holder)
    np.maximum.at(high, cell, holder)
    found = np.zeros(groups, dtype=np.bool_)
    for g in np.unique(low[low == high]).tolist():
        found[g] = not examine(_without(pairs, outcomes, position == g)).identifiable
    return found


def _without(pairs: PairTable, outcomes: Outcomes, left_out: NDArray[np.bool_]) -> PairTable:
    gone = pair_table(outcomes.where(left_out))
    wins, ties = (np.where(rest > 1e-9, rest, 0) for rest in (pairs.wins - gone.wins, pairs.ties - gone.ties))
    return PairTable(systems=pairs.systems, wins=wins, ties=ties)
