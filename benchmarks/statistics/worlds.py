"""Simulated worlds: systems, voters of differing taste, queries, ties, a side that is favoured; and what is true there.

Voter v on query q sees system i at strength theta_i + taste_vi + difficulty_qi, both normal, and favours the left side
by a constant. The verdict is Davidson's (1970): with d the difference of strengths as the voter sees them, left, tie
and right have the weights exp(d / 2), nu and exp(-d / 2); nu 0 is Bradley-Terry.

Averaged over tastes and queries the logit is no longer a logit, so what a fit of many votes tends to is not theta but
its pseudo-true value. Only d enters, which is normal about theta_i - theta_j, so ``half_win_truth`` and
``davidson_truth`` compute it by quadrature, without simulation.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.davidson import fit_davidson
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import PairTable

LLMFAO = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "votes" / "llmfao.csv"
_NODES = 31


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """``strengths``: (k,) natural logarithms, sum zero. ``taste``, ``difficulty``: standard deviations between voters
    and between queries, of each system apart. ``queries``: how many a log has. ``side``: log odds in favour of the
    left. ``nu``: Davidson's tie parameter. ``lapse``: share of verdicts thrown with a coin (left or right)."""

    strengths: Floats
    taste: float = 0.0
    difficulty: float = 0.0
    queries: int = 40
    side: float = 0.0
    nu: float = 0.0
    lapse: float = 0.0

    @property
    def systems(self) -> int:
        """k."""
        return len(self.strengths)


def even_strengths(systems: int, width: float = 1.2) -> Floats:
    """(k,) evenly spaced from width / 2 down to -width / 2 (natural logarithms): the first is the best."""
    return np.linspace(0.5 * width, -0.5 * width, systems)


def equal_counts(voters: int, votes: int) -> Integers:
    """(V,) votes of each voter, as equal as they can be."""
    return np.full(voters, votes // voters) + (np.arange(voters) < votes % voters)


def unequal_counts(voters: int, votes: int, exponent: float = 1.0) -> Integers:
    """(V,) votes of each voter, proportional to 1, 1 / 2^e, 1 / 3^e, ... (Zipf), at least one each."""
    shares = np.arange(1, voters + 1) ** -exponent
    counts: Integers = np.maximum(1, np.rint(votes * shares / shares.sum())).astype(np.int64)
    return counts


def real_counts(path: Path = LLMFAO) -> Integers | None:
    """(V,) votes of each voter of the log llmfao, most first; None where the file is not there."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        counts = Counter(row["worker"] for row in csv.DictReader(lines))
    return np.array(sorted(counts.values(), reverse=True), dtype=np.int64)


def tastes_of(rng: np.random.Generator, world: World, voters: int) -> Floats:
    """(V, k): what each voter adds to each strength."""
    return world.taste * rng.normal(size=(voters, world.systems))


def vote_log(
    rng: np.random.Generator,
    world: World,
    counts: Integers,
    *,
    tastes: Floats | None = None,
    sides: Floats | None = None,
) -> Outcomes:
    """A log of ``counts`` (V,) votes per voter, in random order, pairs and queries drawn uniformly.

    ``tastes``: (V, k) if the voters are given, otherwise drawn. ``sides``: (V,) what each voter adds to the left.
    """
    k, voters, n = world.systems, len(counts), int(counts.sum())
    tastes = tastes_of(rng, world, voters) if tastes is None else tastes
    by_query = world.difficulty * rng.normal(size=(world.queries, k))
    voter = rng.permutation(np.repeat(np.arange(voters), counts))
    query = rng.integers(world.queries, size=n)
    left = rng.integers(k, size=n)
    right = (left + rng.integers(1, k, size=n)) % k
    seen = world.strengths + tastes
    difference = seen[voter, left] - seen[voter, right] + by_query[query, left] - by_query[query, right] + world.side
    if sides is not None:
        difference = difference + sides[voter]
    share = verdicts(rng, difference, world.nu)
    if world.lapse > 0.0:
        share = np.where(rng.random(n) < world.lapse, rng.integers(2, size=n).astype(np.float64), share)
    return Outcomes(
        systems=_names("s", k),
        left=left,
        right=right,
        share=share,
        voters=_names("v", voters),
        voter=voter,
        queries=_names("q", world.queries),
        query=query,
    )


def verdicts(rng: np.random.Generator, difference: Floats, nu: float = 0.0) -> Floats:
    """(n,) shares of the left side (1, 0.5, 0) for its advantage ``difference`` (n,)."""
    win, tie = chances(difference, nu)
    drawn = rng.random(len(difference))
    return np.where(drawn < win, 1.0, np.where(drawn < win + tie, 0.5, 0.0))


def chances(difference: Floats, nu: float) -> tuple[Floats, Floats]:
    """Probability of a win and of a tie of the side with the advantage ``difference``, any shape."""
    up, down = np.exp(0.5 * difference), np.exp(-0.5 * difference)
    total = up + down + nu
    return up / total, nu / total


def half_win_truth(world: World, *, tastes: Floats | None = None, weights: Floats | None = None) -> Floats:
    """(k,) strengths, sum zero, that half-win Bradley-Terry tends to with more and more voters and queries.

    ``tastes`` (V, k) with ``weights`` (V,): with more and more votes of these voters in these proportions.
    """
    win, tie = expected(world, tastes=tastes, weights=weights)
    return fit_bradley_terry(PairTable(systems=_names("s", world.systems), wins=win, ties=tie)).strengths


def davidson_truth(world: World) -> Floats:
    """(k,) strengths, sum zero, that Davidson's model tends to with more and more voters and queries: the world's own
    where no side is favoured, tastes and queries are alike and nobody lapses."""
    win, tie = expected(world)
    return fit_davidson(PairTable(systems=_names("s", world.systems), wins=win, ties=tie)).strengths


def expected(world: World, *, tastes: Floats | None = None, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """(k, k) probabilities of a win of the row's system and of a tie, over voters, queries and both sides."""
    if tastes is None:
        strengths, weights = world.strengths[None, :], np.ones(1)
        variance = 2.0 * (world.taste**2 + world.difficulty**2)
    else:
        strengths, weights = world.strengths + tastes, np.ones(len(tastes)) if weights is None else weights
        variance = 2.0 * world.difficulty**2
    apart = strengths[:, :, None] - strengths[:, None, :]
    win, tie = np.zeros_like(apart), np.zeros_like(apart)
    nodes, masses = np.polynomial.hermite_e.hermegauss(_NODES if variance > 0.0 else 1)
    for node, mass in zip(np.sqrt(variance) * nodes, masses / masses.sum(), strict=True):
        for side in {world.side, -world.side}:
            here_win, here_tie = chances(apart + node + side, world.nu)
            win += mass * here_win
            tie += mass * here_tie
    sides = len({world.side, -world.side})
    win = (1.0 - world.lapse) * np.average(win, axis=0, weights=weights) / sides + 0.5 * world.lapse
    tie = (1.0 - world.lapse) * np.average(tie, axis=0, weights=weights) / sides
    np.fill_diagonal(win, 0.0)
    np.fill_diagonal(tie, 0.0)
    return win, tie


def _names(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{i:04d}" for i in range(count))
