"""No voter weighs more than a stated share: of the whole board, and of the battles of any one system.

With V voters the share is c = max(5 %, 1.5 / V), of the total *after* capping, so a heavy voter is cut to c / (1 - c)
of what all others weigh together (water-filling: the level tau with tau = c sum_v min(n_v, tau)). For system i the
same holds of the weight of the battles that touch it, with the V_i voters who met it in the place of V: where
everybody met everything the share is the same. A system that fewer than five voters met has no share of its own.
A vote weighs the least that any of its three caps (the board, either system) allows. One cut can bring another voter
above the share of what is left, so cuts are repeated, only ever downward, until every share is kept. On small uneven
logs that can wear a system away; where less than a tenth is left of what its own cap alone leaves, its share is
raised by half and the cuts begin anew. ``at_system`` says what was kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import RunoffError
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.score_rows import sums

FEWEST_VOTERS = 5
SHARE = 0.05
FEW = 1.5  # with few voters the share is this many equal parts
_WORN = 0.1
_LOOSER = 1.5
_ROUNDS = 1_000
_SLACK = 1e-9


class TooFewVotersToCapError(RunoffError):
    """Under five voters a cap says nothing; show the leave-one-voter-out range instead."""

    def __init__(self, voters: int) -> None:
        super().__init__(f"No capped board from {voters} voters: at least {FEWEST_VOTERS} are needed.")
        self.voters = voters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caps:
    """``weights``: (n,) above 0, at most the outcome's own weight, for ``Outcomes.weighted``.

    ``share``: a voter's largest share of the board; ``at_system``: (k,) of the battles of each system, 1 for a system
    that fewer than five voters met. ``capped``: voters whose votes lost weight, the largest loss first.
    ``loosened``: systems whose share is larger than the number of their voters asks for.
    """

    weights: Floats
    share: float
    at_system: Floats
    capped: tuple[str, ...]
    loosened: tuple[str, ...]


def capped_weights(outcomes: Outcomes) -> Caps:
    """TooFewVotersToCapError under five voters. Weights that the outcomes have are cut further, never raised."""
    present, voter = np.unique(outcomes.voter, return_inverse=True)
    if len(present) < FEWEST_VOTERS:
        raise TooFewVotersToCapError(len(present))
    share = float(_share(np.array(len(present))))
    touched = _touched(outcomes, voter, len(present), outcomes.weight)
    met_by = (touched > 0.0).sum(axis=0)
    strict = np.where(met_by < FEWEST_VOTERS, 1.0, _share(met_by))
    at_system = strict
    while True:
        weights, worn = _kept(outcomes, voter, share, at_system)
        if not worn.any():
            break
        at_system = np.where(worn, np.minimum(1.0, _LOOSER * at_system), at_system)
    lost = np.bincount(voter, weights=outcomes.weight - weights, minlength=len(present))
    heaviest = [i for i in np.argsort(-lost, kind="stable") if lost[i] > 1e-6]
    return Caps(
        weights=weights,
        share=share,
        at_system=at_system,
        capped=tuple(outcomes.voters[present[i]] for i in heaviest),
        loosened=tuple(outcomes.systems[i] for i in np.flatnonzero(at_system > strict)),
    )


def _share(voters: NDArray[np.int64]) -> Floats:
    """c for each number of voters."""
    return np.clip(FEW / np.maximum(voters, 1), SHARE, 1.0)


def _kept(outcomes: Outcomes, voter: Integers, share: float, at_system: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """(n,) weights that keep every share; or, where that wears systems away, which (k,)."""
    voters, start, of_board = int(voter.max()) + 1, voter * len(at_system), np.array([share])
    weights = outcomes.weight
    touched = _touched(outcomes, voter, voters, weights)
    least = _WORN * (touched * _factors(touched, at_system)).sum(axis=0)
    for _ in range(_ROUNDS):
        board = _factors(sums(voter, weights, voters)[:, None], of_board)[:, 0]
        systems = _factors(touched, at_system)
        if board.min() >= 1.0 - _SLACK and systems.min() >= 1.0 - _SLACK:
            return weights, np.zeros(len(at_system), dtype=np.bool_)
        flat = systems.ravel()
        cut = np.minimum(flat[start + outcomes.left], flat[start + outcomes.right])
        weights = weights * np.minimum(cut, board[voter])
        touched = _touched(outcomes, voter, voters, weights)
        worn = (touched.sum(axis=0) < least) & (at_system < 1.0)
        if worn.any():
            return weights, worn
    return weights, (systems.min(axis=0) < 1.0 - _SLACK) & (at_system < 1.0)


def _touched(outcomes: Outcomes, voter: Integers, voters: int, weights: Floats) -> Floats:
    """(V, k): weight of each voter's battles of each system."""
    k = len(outcomes.systems)
    start, size = voter * k, voters * k
    table = sums(start + outcomes.left, weights, size) + sums(start + outcomes.right, weights, size)
    return table.reshape(voters, k)


def _factors(held: Floats, share: Floats) -> Floats:
    """(V, m) factors, at most 1, after which no row holds more than ``share`` (m,) of its column of ``held`` (V, m)."""
    most = min(len(held), int(np.ceil(1.0 / share.min() - _SLACK)))
    top = -np.sort(np.partition(-held, most - 1, axis=0)[:most], axis=0)
    level = np.full(held.shape[1], np.inf)
    rest, found = held.sum(axis=0), np.zeros(held.shape[1], dtype=np.bool_)
    for cut in range(most):
        # With the ``cut`` largest at the level tau, share * (cut * tau + rest) = tau; the next must not be above it.
        left = 1.0 - cut * share
        tau = np.divide(share * rest, left, out=np.full_like(rest, np.inf), where=left > _SLACK)
        fits = ~found & (top[cut] <= tau * (1.0 + _SLACK))
        if cut:
            level[fits] = tau[fits]
        found |= fits
        rest = rest - top[cut]
    factors = np.ones_like(held)
    np.divide(level, held, out=factors, where=held > level)
    return factors
