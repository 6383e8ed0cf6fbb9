"""Average win rate: the mean, over the opponents that a system met, of its share of half wins against each.

A plain share of half wins over all battles depends on how often which opponent was drawn; the average does not, but it
still depends on who the opponents were. Neither is a strength: a system is not rewarded for the strength of those it
beat. The average is what evalica calls the average win rate.

Intervals: each pair's share is a mean, so cluster g gives system i the amount
(1 / m_i) sum_j (1 - n_gij / n_ij)^(-1/2) R_gij / n_ij, with R_gij the sum of its residuals, n the weights and m_i the
opponents: CR2 for means by pair, up to 300 clusters, with Satterthwaite's degrees of freedom; without the root CR1.
Of a pair that one cluster alone has seen nothing is known; it counts with the largest variance of a share, 1 / 4.
A system that fared the same in every battle with each opponent (won everything, say) has no residuals. Its bound is
the exact binomial one for its G clusters (Clopper and Pearson 1934): at least c = (alpha / 2)^(1 / G) of all clusters
are like those that were seen and the others may be anything, so the rate lies between c r and c r + 1 - c.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.intervals import ClusterBy, Intervals, around, by_clusters, suitable_clusters
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import pair_table
from core.ratings.sandwich import LARGEST_CR2, TooFewClustersError, Variance, cr1, numbered, squares
from core.ratings.score_rows import ScoreRows

_NOTHING = 1e-9
ESTIMAND = "average win rate: mean over the opponents met of the share of half wins"


class NeverMetError(RunoffError):
    """A system without a battle has no win rate."""

    def __init__(self, system: str) -> None:
        super().__init__(f"{system} has no win rate: it met nobody. Leave it out or let it meet others.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WinRate:
    """``average``: (k,) mean over opponents of the share of half wins. ``overall``: (k,) share of half wins of all
    battles. ``opponents``: (k,) how many were met."""

    systems: tuple[str, ...]
    average: Floats
    overall: Floats
    opponents: Integers
    estimand: str = ESTIMAND


def win_rates(outcomes: Outcomes) -> WinRate:
    """Of every system. NeverMetError for one that met nobody."""
    pairs = pair_table(outcomes)
    met = pairs.met
    alone = np.flatnonzero(met.sum(axis=1) == 0)
    if len(alone):
        raise NeverMetError(pairs.systems[alone[0]])
    return WinRate(
        systems=pairs.systems,
        average=np.nanmean(pairs.win_rate, axis=1),
        overall=pairs.half_wins.sum(axis=1) / met.sum(axis=1),
        opponents=(met > 0).sum(axis=1),
    )


def win_rate_intervals(outcomes: Outcomes, rates: WinRate, *, level: float = 0.95) -> Intervals:
    """Around ``rates.average``, clustered as ratings are, within 0 and 1. TooFewClustersError as there."""
    by = suitable_clusters(outcomes)
    rows = _rows(outcomes, rates)
    variance = by_clusters(
        outcomes,
        by,
        lambda cluster, kind: _clustered(outcomes, rows, cluster, kind),
        lambda cluster: squares(rows, *numbered(cluster)),
    )
    found = around(rates.systems, rates.average, 1.0, variance, by=by, level=level)
    low, high = np.clip(found.low, 0.0, 1.0), np.clip(found.high, 0.0, 1.0)
    for system in np.flatnonzero(found.standard_error < _NOTHING):
        alike = _alike(outcomes, by, int(system), level)
        low[system] = alike * rates.average[system]
        high[system] = low[system] + 1.0 - alike
    return replace(found, low=low, high=high)


def _rows(outcomes: Outcomes, rates: WinRate) -> ScoreRows:
    """Residuals over the battles of their pair; times the bread, what each outcome gives to both systems."""
    k, pairs = len(rates.systems), pair_table(outcomes)
    cell = outcomes.left * k + outcomes.right
    rate, met = pairs.win_rate.ravel()[cell], pairs.met.ravel()[cell]
    return ScoreRows(
        left=outcomes.left,
        right=outcomes.right,
        slope=outcomes.weight * (outcomes.share - rate) / met,
        curvature=outcomes.weight / met,
        further=np.empty((len(outcomes), 0)),
        bread=np.diag(1.0 / rates.opponents),
    )


def _clustered(outcomes: Outcomes, rows: ScoreRows, cluster: Integers, kind: str) -> Variance:
    position, groups = numbered(cluster)
    if groups < 2:
        raise TooFewClustersError(kind, groups)
    return _cr2(outcomes, rows, position, groups) if groups <= LARGEST_CR2 else cr1(rows, position, groups)


def _cr2(outcomes: Outcomes, rows: ScoreRows, position: Integers, groups: int) -> Variance:
    pairs = pair_table(outcomes)
    k = len(pairs.systems)
    cells, shape = (position * k + outcomes.left) * k + outcomes.right, (groups, k, k)
    size = groups * k * k
    residual = np.bincount(cells, weights=rows.slope, minlength=size).reshape(shape)
    weight = np.bincount(cells, weights=outcomes.weight, minlength=size).reshape(shape)
    share = (weight + np.swapaxes(weight, 1, 2)) / np.maximum(pairs.met, 1e-300)
    rest = 1.0 - share
    alone = rest <= _NOTHING
    grow = np.where(alone, 0.0, np.maximum(rest, _NOTHING) ** -0.5)
    part = ((residual - np.swapaxes(residual, 1, 2)) * grow).sum(axis=2) @ rows.bread  # (G, k)
    chance = np.nan_to_num(pairs.win_rate)
    own = (share * chance * (1.0 - chance) / np.maximum(pairs.met, 1e-300)).sum(axis=2) @ rows.bread**2
    return Variance(
        values=(part**2).sum(axis=0) + 0.25 * alone.sum(axis=(0, 2)) * np.diag(rows.bread) ** 2,
        degrees=np.maximum(1.0, own.sum(axis=0) ** 2 / np.maximum((own**2).sum(axis=0), 1e-300)),
        method="CR2 by pair with Satterthwaite's degrees of freedom",
        clusters=groups,
    )


def _alike(outcomes: Outcomes, by: ClusterBy, system: int, level: float) -> float:
    """(alpha / 2)^(1 / G), G the fewer of the system's clusters where they are of two kinds."""
    mine = (outcomes.left == system) | (outcomes.right == system)
    columns = [outcomes.voter] if by in (ClusterBy.VOTER, ClusterBy.BOTH) else []
    columns += [outcomes.query] if by in (ClusterBy.QUERY, ClusterBy.BOTH) else []
    groups = min(len(np.unique(column[mine])) for column in columns)
    return float((0.5 * (1.0 - level)) ** (1.0 / groups))
