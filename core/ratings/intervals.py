"""95 % intervals of ratings, relative to the mean of all systems.

Votes of one voter hang together, and so do votes on one query: both are samples. With ten voters or more the
variance is V_voter + V_query - V_voter-and-query (Cameron, Gelbach and Miller 2011), never less than either alone,
with the smaller degrees of freedom. Under ten voters (a relevance-label board has one) nothing can be said of other
voters: clusters are the queries only and the interval is labelled "for these voters". core/ratings/sandwich.py has the
variances.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.domain.student import two_sided_quantile
from core.ratings.bradley_terry import POINTS
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.sandwich import Variance, clustered_rows, numbered, plain, squares
from core.ratings.score_rows import Fit

FEWEST_VOTERS = 10


class ClusterBy(StrEnum):
    """What hangs together."""

    VOTE = "vote"  # the outcomes of one vote only: "plain"
    VOTER = "voter"
    QUERY = "query"
    BOTH = "voter and query"


SCOPE = {
    ClusterBy.VOTE: "for these voters and queries",
    ClusterBy.VOTER: "for these queries",
    ClusterBy.QUERY: "for these voters",
    ClusterBy.BOTH: "",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """``low``, ``high``, ``standard_error``: (k,) on the scale of the ratings, infinite for a system of which the
    clusters tell nothing because one alone has met it; ``degrees``: (k,) of Student's t.

    ``scope``: of whom the interval speaks; empty where it speaks of voters and queries in general.
    ``method``: the variance, in words.
    """

    systems: tuple[str, ...]
    low: Floats
    high: Floats
    standard_error: Floats
    degrees: Floats
    level: float
    by: ClusterBy
    scope: str
    method: str

    def ends(self, system: int) -> tuple[float, float] | tuple[None, None]:
        """Low and high of the system at this position, None where the clusters tell nothing of it."""
        low, high = float(self.low[system]), float(self.high[system])
        return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def rating_intervals(outcomes: Outcomes, fit: Fit, *, by: ClusterBy | None = None, level: float = 0.95) -> Intervals:
    """Intervals around ``fit.ratings``, which must come from the same outcomes. ``by`` None: ``suitable_clusters``.

    TooFewClustersError where there are fewer than two clusters.
    """
    by = suitable_clusters(outcomes) if by is None else by
    return around(fit.systems, fit.ratings, POINTS, variance_of(outcomes, fit, by), by=by, level=level)


def variance_of(outcomes: Outcomes, fit: Fit, by: ClusterBy) -> Variance:
    """Of every parameter of the fit, strengths first. TooFewClustersError where there are fewer than two clusters."""
    if by is ClusterBy.VOTE:
        return plain(outcomes, fit)
    rows = fit.score_rows(outcomes)
    return by_clusters(
        outcomes,
        by,
        lambda cluster, kind: clustered_rows(rows, cluster, kind=kind),
        lambda cluster: squares(rows, *numbered(cluster)),
    )


def around(
    systems: tuple[str, ...], ratings: Floats, unit: float, variance: Variance, *, by: ClusterBy, level: float
) -> Intervals:
    """``ratings``: (k,). ``unit``: of them, in the unit of the variance's square root, whose first k values count."""
    k = len(systems)
    error = unit * np.sqrt(variance.values[:k])
    degrees = variance.degrees[:k]
    reach = error * reaches(level, degrees)
    return Intervals(
        systems=systems,
        low=ratings - reach,
        high=ratings + reach,
        standard_error=error,
        degrees=degrees,
        level=level,
        by=by,
        scope=SCOPE[by],
        method=variance.method,
    )


def reaches(level: float, degrees: Floats) -> Floats:
    """Quantiles of Student's t, the shape of ``degrees``."""
    different, place = np.unique(degrees, return_inverse=True)
    found: Floats = np.array([two_sided_quantile(level, float(df)) for df in different])[place]
    return found


def suitable_clusters(outcomes: Outcomes) -> ClusterBy:
    """By voter and query from ten voters on, by query only under ten; by voter only where there is one query."""
    if _distinct(outcomes.voter, len(outcomes.voters)) < FEWEST_VOTERS:
        return ClusterBy.QUERY
    return ClusterBy.BOTH if _distinct(outcomes.query, len(outcomes.queries)) > 1 else ClusterBy.VOTER


def _distinct(positions: Integers, names: int) -> int:
    return int(np.count_nonzero(np.bincount(positions, minlength=names)))


def by_clusters(
    outcomes: Outcomes,
    by: ClusterBy,
    variance: Callable[[Integers, str], Variance],
    cells: Callable[[Integers], Floats],
) -> Variance:
    """``variance(cluster, kind)`` by voter, by query, or by both ways as the module says, with ``cells(cluster)`` the
    uncorrected values for the votes of one voter on one query."""
    if by is ClusterBy.VOTER:
        return variance(outcomes.voter, "voters")
    if by is ClusterBy.QUERY:
        return variance(outcomes.query, "queries")
    voter, query = variance(outcomes.voter, "voters"), variance(outcomes.query, "queries")
    both = voter.values + query.values - cells(outcomes.voter * len(outcomes.queries) + outcomes.query)
    return Variance(
        values=np.maximum(both, np.maximum(voter.values, query.values)),
        degrees=np.minimum(voter.degrees, query.degrees),
        method=f"voters: {voter.method}; queries: {query.method}",
        clusters=min(voter.clusters, query.clusters),
    )
