"""95 % intervals of ratings, relative to the mean of all systems.

Votes of one voter hang together, and so do votes on one query: both are samples. With ten voters or more the
variance is V_voter + V_query - V_voter-and-query (Cameron, Gelbach and Miller 2011), never less than either alone,
with the smaller degrees of freedom. Under ten voters (a relevance-label board has one) nothing can be said of other
voters: clusters are the queries only and the interval is labelled "for these voters". core/ratings/sandwich.py has the
variances.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.ratings.bradley_terry import POINTS, BradleyTerry
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.sandwich import Variance, clustered, plain
from core.ratings.student import two_sided_quantile

FEWEST_VOTERS = 10


class ClusterBy(StrEnum):
    """What hangs together."""

    VOTE = "vote"  # nothing: "plain"
    VOTER = "voter"
    QUERY = "query"
    BOTH = "voter and query"


_SCOPE = {
    ClusterBy.VOTE: "for these voters and queries",
    ClusterBy.VOTER: "for these queries",
    ClusterBy.QUERY: "for these voters",
    ClusterBy.BOTH: "",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """``low``, ``high``, ``standard_error``: (k,) in rating points; ``degrees``: (k,) of Student's t.

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


def rating_intervals(
    outcomes: Outcomes, fit: BradleyTerry, *, by: ClusterBy | None = None, level: float = 0.95
) -> Intervals:
    """Intervals around ``fit.ratings``, which must come from the same outcomes. ``by`` None: ``suitable_clusters``.

    TooFewClustersError where there are fewer than two clusters.
    """
    by = suitable_clusters(outcomes) if by is None else by
    variance = _variance(outcomes, fit, by)
    error = POINTS * np.sqrt(variance.values)
    reach = error * np.array([two_sided_quantile(level, float(df)) for df in variance.degrees])
    return Intervals(
        systems=fit.systems,
        low=fit.ratings - reach,
        high=fit.ratings + reach,
        standard_error=error,
        degrees=variance.degrees,
        level=level,
        by=by,
        scope=_SCOPE[by],
        method=variance.method,
    )


def suitable_clusters(outcomes: Outcomes) -> ClusterBy:
    """By voter and query from ten voters on, by query only under ten; by voter only where there is one query."""
    if len(np.unique(outcomes.voter)) < FEWEST_VOTERS:
        return ClusterBy.QUERY
    return ClusterBy.BOTH if len(np.unique(outcomes.query)) > 1 else ClusterBy.VOTER


def _variance(outcomes: Outcomes, fit: BradleyTerry, by: ClusterBy) -> Variance:
    if by is ClusterBy.VOTE:
        return plain(outcomes, fit)
    if by is ClusterBy.VOTER:
        return clustered(outcomes, fit, outcomes.voter, kind="voters")
    if by is ClusterBy.QUERY:
        return clustered(outcomes, fit, outcomes.query, kind="queries")
    return _two_way(outcomes, fit)


def _two_way(outcomes: Outcomes, fit: BradleyTerry) -> Variance:
    voter = clustered(outcomes, fit, outcomes.voter, kind="voters")
    query = clustered(outcomes, fit, outcomes.query, kind="queries")
    cell = clustered(outcomes, fit, outcomes.voter * len(outcomes.queries) + outcomes.query, kind="cells")
    both = voter.values + query.values - cell.values
    return Variance(
        values=np.maximum(both, np.maximum(voter.values, query.values)),
        degrees=np.minimum(voter.degrees, query.degrees),
        method=f"voters: {voter.method}; queries: {query.method}",
        clusters=min(voter.clusters, query.clusters),
    )
