"""Standard errors of all differences of two strengths at once, votes of a voter and on a query hanging together.

Clusters are chosen as for the intervals of ratings: voters and queries from ten voters on,
V_voter + V_query - V_cell (Cameron, Gelbach and Miller 2011), for no difference less than either alone; queries only
under ten voters. core/ratings/cluster_covariance.py has the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from core.domain.student import two_sided_tail
from core.ratings.cluster_covariance import cluster_covariance, cr1_covariance, of_differences
from core.ratings.intervals import ClusterBy, suitable_clusters
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.score_rows import Fit, ScoreRows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContrastErrors:
    """``difference``, ``error``, ``degrees``: (k, k), strength of the row's system minus the column's, its standard
    error (natural logarithms; infinite where the clusters tell nothing) and degrees of freedom of Student's t.

    ``covariance``: (k, k) of the strengths, positive semidefinite; a variance from it can be below the squared error.
    ``by``: what hangs together.
    """

    systems: tuple[str, ...]
    difference: Floats
    error: Floats
    degrees: Floats
    covariance: Floats
    by: ClusterBy

    @property
    def t(self) -> Floats:
        """(k, k), difference over error; 0 on the diagonal and where the error is infinite."""
        found = np.zeros_like(self.error)
        np.divide(self.difference, self.error, out=found, where=self.error > 0.0)
        return found

    def tail(self, i: int, j: int) -> float:
        """P(|T| > t) of Student's t, of system i against j."""
        return two_sided_tail(abs(float(self.t[i, j])), float(self.degrees[i, j]))


def contrast_errors(
    outcomes: Outcomes, fit: Fit, *, by: ClusterBy | None = None, rows: ScoreRows | None = None
) -> ContrastErrors:
    """Of a fit of the same outcomes. ``by`` None: ``suitable_clusters``. ``rows``: of the fit, where at hand."""
    by = suitable_clusters(outcomes) if by is None else by
    rows = fit.score_rows(outcomes) if rows is None else rows
    columns = {
        ClusterBy.VOTE: [outcomes.vote],
        ClusterBy.VOTER: [outcomes.voter],
        ClusterBy.QUERY: [outcomes.query],
        ClusterBy.BOTH: [outcomes.voter, outcomes.query],
    }[by]
    parts = [cluster_covariance(rows, column) for column in columns]
    covariance = reduce(np.add, [part.values for part in parts])
    if len(parts) > 1:
        cell = outcomes.voter * (int(outcomes.query.max()) + 1) + outcomes.query
        covariance = covariance - cr1_covariance(rows, cell)
    variance = reduce(np.maximum, [part.variance for part in parts], of_differences(covariance))
    return ContrastErrors(
        systems=fit.systems,
        difference=fit.strengths[:, None] - fit.strengths[None, :],
        error=np.sqrt(variance),
        degrees=reduce(np.minimum, [part.degrees for part in parts]),
        covariance=_semidefinite(covariance),
        by=by,
    )


def _semidefinite(covariance: Floats) -> Floats:
    """Without the negative eigenvalues that the subtraction of cells can leave."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    clipped: Floats = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return clipped
