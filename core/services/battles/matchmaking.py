"""Which systems meet next and on which query: pairs by a policy, then a query drawn uniformly.

Queries are drawn uniformly among those where the systems may still meet before this voter, since any other draw
would change what the ratings estimate. More than two systems: a pair by the policy, then uniformly one of the sets
that contain it, so a set S is drawn with the sum over its pairs of P(pair) / (number of sets with that pair).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.domain.voting import Battle, BattleForm, Control, Policy
from core.services.battles.pool import Mask, Pool

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """``probabilities``: (k, k) of each pair, symmetric, those above the diagonal sum to one, by ``policy``."""

    policy: Policy
    probabilities: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What is to be shown: the fields of a battle that are decided by drawing. ``slots``: fingerprints A, B, C, D."""

    candidates: str
    slots: tuple[str, ...]
    form: BattleForm = BattleForm.SIDE_BY_SIDE
    policy: Policy = Policy.UNIFORM
    probability: float = 1.0
    control: Control = Control.NONE
    repeats: str = ""
    seed: int = 0


Policies = Callable[[Mask], Chances]  # (k, k) allowed pairs, of which at least one is, to their chances


def choose(
    pool: Pool,
    seen: Sequence[Battle],
    chances: Policies,
    rng: np.random.Generator,
    *,
    form: BattleForm = BattleForm.SIDE_BY_SIDE,
    size: int = 2,
    category: str = "",
) -> Match | None:
    """The next match of ``size`` systems for a voter who has ``seen`` these battles; None where nothing is left."""
    free = pool.open(seen, category)
    sets = _open_sets(free, size)
    if not len(sets):
        return None
    allowed = np.zeros(free.shape[:2], dtype=bool)
    for one, other in _pairs(sets):
        allowed[one, other] = allowed[other, one] = True
    drawn = chances(allowed)
    probabilities = _set_probabilities(sets, drawn.probabilities)
    at = int(rng.choice(len(sets), p=probabilities / probabilities.sum()))
    lists = np.flatnonzero(np.logical_and.reduce([free[one, other] for one, other in combinations(sets[at], 2)]))
    slots = [pool.systems[place] for place in rng.permutation(sets[at])]
    return Match(
        candidates=pool.lists[int(rng.choice(lists))],
        slots=tuple(slots),
        form=form,
        policy=drawn.policy,
        probability=float(probabilities[at]),
        seed=int(rng.integers(2**31)) if form is BattleForm.INTERLEAVED else 0,
    )


def _open_sets(free: Mask, size: int) -> Integers:
    """(s, size) sets of systems that may all meet one another on some list, positions rising."""
    members = list(combinations(range(len(free)), size))
    sets = np.array(members, dtype=np.int64).reshape(len(members), size)
    bits = np.packbits(free, axis=2)  # eight lists a byte: 20 systems have 4,845 sets of four
    common = np.bitwise_and.reduce([bits[one, other] for one, other in _pairs(sets)])
    free_sets: Integers = sets[common.any(axis=1)]
    return free_sets


def _pairs(sets: Integers) -> list[tuple[Integers, Integers]]:
    """Every pair of members, of all sets at once: (s,) and (s,)."""
    return [(sets[:, a], sets[:, b]) for a, b in combinations(range(sets.shape[1]), 2)]


def _set_probabilities(sets: Integers, pairs: Floats) -> Floats:
    """(s,) as the module says."""
    containing = np.zeros(pairs.shape)
    for at in _pairs(sets):
        np.add.at(containing, at, 1.0)
    found: Floats = np.sum([pairs[at] / containing[at] for at in _pairs(sets)], axis=0)
    return found
