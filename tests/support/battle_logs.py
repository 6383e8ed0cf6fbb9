"""Outcomes for tests of ratings: from counts, and at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.ratings.outcomes import Outcomes, build


def from_counts(counts: Mapping[tuple[str, str], tuple[int, int, int]]) -> Outcomes:
    """``counts[(a, b)]``: wins of a, ties, wins of b. Every vote has a voter and a query of its own."""
    rows = [
        (first, second, share)
        for (first, second), three in counts.items()
        for share, times in zip((1.0, 0.5, 0.0), three, strict=True)
        for _ in range(times)
    ]
    return build(
        left=[row[0] for row in rows],
        right=[row[1] for row in rows],
        share=[row[2] for row in rows],
        voter=[f"voter-{i}" for i in range(len(rows))],
        query=[f"query-{i}" for i in range(len(rows))],
    )


def at_random(
    rng: np.random.Generator, *, systems: int, votes: int, voters: int = 7, queries: int = 11, ties: float = 0.2
) -> Outcomes:
    """Random pairs, strengths of standard deviation 0.5, a share of ties."""
    strengths = rng.normal(scale=0.5, size=systems)
    left = rng.integers(systems, size=votes)
    right = (left + rng.integers(1, systems, size=votes)) % systems
    wins = rng.random(votes) < 1.0 / (1.0 + np.exp(strengths[right] - strengths[left]))
    share = np.where(rng.random(votes) < ties, 0.5, wins.astype(float))
    return Outcomes(
        systems=names("s", systems),
        left=left,
        right=right,
        share=share,
        voters=names("v", voters),
        voter=rng.integers(voters, size=votes),
        queries=names("q", queries),
        query=rng.integers(queries, size=votes),
    )


def names(letter: str, count: int) -> tuple[str, ...]:
    """letter0000, letter0001, ..."""
    return tuple(f"{letter}{i:04d}" for i in range(count))
