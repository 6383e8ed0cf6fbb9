"""Average win rate: by hand, against evalica, and its intervals."""

from __future__ import annotations

from dataclasses import replace

import evalica
import numpy as np
import pytest

from core.ratings.intervals import ClusterBy
from core.ratings.outcomes import Outcomes, build
from core.ratings.win_rate import NeverMetError, win_rate_intervals, win_rates
from tests.support.battle_logs import at_random, from_counts

WINNERS = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}


def test_average_and_overall_by_hand() -> None:
    """A takes 9 of 10 from B and 1 of 4 (with ties) from C: the average is (0.9 + 0.25) / 2, overall 10 / 14."""
    found = win_rates(from_counts({("A", "B"): (9, 0, 1), ("A", "C"): (0, 2, 2)}))
    assert found.average == pytest.approx([0.575, 0.1, 0.75])
    assert found.overall == pytest.approx([10 / 14, 0.1, 0.75])
    assert found.opponents.tolist() == [2, 1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_evalica(seed: int) -> None:
    outcomes = at_random(np.random.default_rng(seed), systems=5, votes=300)
    xs = [outcomes.systems[i] for i in outcomes.left]
    ys = [outcomes.systems[i] for i in outcomes.right]
    theirs = evalica.average_win_rate(xs, ys, [WINNERS[share] for share in outcomes.share.tolist()]).scores
    ours = win_rates(outcomes)
    assert ours.average == pytest.approx(theirs.loc[list(ours.systems)].to_numpy())


def test_who_met_nobody_has_no_rate() -> None:
    outcomes = build(left=["A"], right=["B"], share=[1.0], voter=["v"], query=["q"], systems=["C"])
    with pytest.raises(NeverMetError, match="C has no win rate"):
        win_rates(outcomes)


def one_voter(wins: list[int], losses: list[int]) -> Outcomes:
    """Votes of A against B on query 0, 1, ...; ``wins[q]`` for A."""
    rows = [(q, s) for q in range(len(wins)) for s in [1.0] * wins[q] + [0.0] * losses[q]]
    n = len(rows)
    return build(
        left=["A"] * n, right=["B"] * n, share=[s for _, s in rows], voter=["v"] * n, query=[f"q{q}" for q, _ in rows]
    )


def test_two_clusters_by_hand() -> None:
    """Queries of five votes, 4 and 2 wins: rate 0.6, residual sums 1 and -1 over 10, leverage 1/2 doubles the squares:
    variance 2 * (0.01 + 0.01) = 0.04, two equal clusters have two degrees of freedom."""
    outcomes = one_voter([4, 2], [1, 3])
    found = win_rate_intervals(outcomes, win_rates(outcomes))
    assert found.standard_error == pytest.approx([0.2, 0.2])
    assert found.degrees == pytest.approx([2.0, 2.0])
    assert (found.low[0], found.high[0]) == (0.0, 1.0)
    assert found.by is ClusterBy.QUERY


def test_winning_everything_is_not_certainty() -> None:
    """Ten queries, all won: at least 0.025^(1/10) = 69 % of such queries are."""
    outcomes = one_voter([2] * 10, [0] * 10)
    found = win_rate_intervals(outcomes, win_rates(outcomes))
    assert (found.low[0], found.high[0]) == pytest.approx((0.025**0.1, 1.0))
    assert (found.low[1], found.high[1]) == pytest.approx((0.0, 1 - 0.025**0.1))


def test_a_pair_that_one_query_alone_has_seen_counts_with_the_largest_variance() -> None:
    """Of two opponents one has no second query: (1 / 4) / 2^2 is added, and without it the variance is 0.04 / 4."""
    known = one_voter([4, 2], [1, 3])
    outcomes = build(
        left=["A"] * 12,
        right=["B"] * 10 + ["C"] * 2,
        share=[*known.share.tolist(), 1.0, 0.0],
        voter=["v"] * 12,
        query=[*(known.queries[i] for i in known.query), "q0", "q0"],
    )
    found = win_rate_intervals(outcomes, win_rates(outcomes))
    assert found.standard_error[0] ** 2 == pytest.approx(0.01 + 0.0625)
    assert found.standard_error[2] ** 2 == pytest.approx(0.25)


def test_repeating_the_log_leaves_the_clustered_interval() -> None:
    once = at_random(np.random.default_rng(3), systems=4, votes=400, voters=20)
    twice = replace(once, **{n: np.tile(getattr(once, n), 2) for n in ("left", "right", "share", "voter", "query")},
                    vote=np.arange(800), weight=np.ones(800), slot=np.ones(800, dtype=np.int64))  # fmt: skip
    first, second = (win_rate_intervals(log, win_rates(log)) for log in (once, twice))
    assert second.low == pytest.approx(first.low)
    weighted = once.weighted(np.full(400, 2.0))
    assert win_rate_intervals(weighted, win_rates(weighted)).low == pytest.approx(first.low)


@pytest.mark.parametrize("voters", [20, 400])
def test_it_covers(voters: int) -> None:
    """Voters differ in how often A beats B; of 300 logs about 95 % hold the mean rate 0.6."""
    rng, covered = np.random.default_rng(5), 0
    for _ in range(300):
        taste = rng.beta(6, 4, size=voters)
        voter = np.repeat(np.arange(voters), 10)
        outcomes = Outcomes(
            systems=("A", "B"),
            left=np.zeros(10 * voters, dtype=np.int64),
            right=np.ones(10 * voters, dtype=np.int64),
            share=(rng.random(10 * voters) < taste[voter]).astype(float),
            voters=tuple(f"v{i:04d}" for i in range(voters)),
            voter=voter,
            queries=("q",),
            query=np.zeros(10 * voters, dtype=np.int64),
        )
        found = win_rate_intervals(outcomes, win_rates(outcomes))
        covered += bool(found.low[0] <= 0.6 <= found.high[0])
    assert 0.92 <= covered / 300 <= 0.98
