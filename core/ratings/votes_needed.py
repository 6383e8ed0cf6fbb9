"""How many more votes until first against second place is settled.

With r times the votes, of as many more voters and queries, the clustered variance of the difference is 1 / r of what
it is and its degrees of freedom are r times as many; settled is |difference| above quantile times error. The present
variance contains the design effect, so votes that hang together count as little as they have so far. ``even``: the
difference being what it is estimated to be, an even chance to be settled; ``likely``: 80 %, which needs
(quantile + 0.84) / quantile times the difference.
Battles of these two only add information P (1 - P) each to the 1 / v of the model variance v, by which the clustered
variance is taken to shrink in proportion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.domain.errors import UnknownNameError
from core.domain.student import two_sided_tail
from core.ratings.contrast_errors import ContrastErrors, contrast_errors
from core.ratings.outcomes import Outcomes
from core.ratings.score_rows import Fit, ScoreRows

LARGEST = 1_000_000
_LIKELY = NormalDist().inv_cdf(0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Further votes for an even chance and for 80 %, rounded up to two significant digits; LARGEST + 1 means over a
    million."""

    even: int
    likely: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesNeeded:
    """``mixed``: votes at the present mix of pairs; ``direct``: battles of these two only; both 0 where ``settled``.

    ``design_effect``: clustered over model variance of the difference. ``first`` is the one rated higher.
    """

    first: str
    second: str
    settled: bool
    mixed: Needed
    direct: Needed
    level: float
    design_effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKnown:
    """Nothing can be said. ``reason``: a sentence."""

    reason: str


def votes_needed(
    outcomes: Outcomes,
    fit: Fit | None,
    *,
    pair: tuple[str, str] | None = None,
    critical: float | None = None,
    level: float = 0.95,
    contrasts: ContrastErrors | None = None,
) -> VotesNeeded | NotKnown:
    """Of first against second place, or of ``pair``. ``fit``: of the same outcomes, None where it does not exist.

    ``critical``: ``RankSets.critical``, to be told apart on the board; left out, by the interval of this difference
    alone at ``level``. ``contrasts``: of the fit, where at hand. UnknownNameError for a system that is not rated.
    """
    if fit is None:
        return NotKnown(reason="These votes do not yet put all systems on one scale.")
    if len(fit.systems) < 2:
        return NotKnown(reason="There is only one system.")
    rows = fit.score_rows(outcomes)
    contrasts = contrast_errors(outcomes, fit, rows=rows) if contrasts is None else contrasts
    first, second = _positions(fit, pair)
    error, degrees = float(contrasts.error[first, second]), float(contrasts.degrees[first, second])
    if not 0.0 < error < math.inf:
        return NotKnown(reason=f"One {_unit(contrasts)} says nothing of how much others would differ.")
    if critical is not None:
        level = 1.0 - 2.0 * NormalDist().cdf(-critical)
    t = float(contrasts.difference[first, second]) / error
    settled = two_sided_tail(t, degrees) < 1.0 - level
    even = 1.0 if settled else _times(t, degrees, level, 0.0)
    likely = 1.0 if settled else _times(t, degrees, level, _LIKELY)
    model = _model_variance(rows, first, second)
    per_battle = _information(rows, fit, first, second)
    return VotesNeeded(
        first=fit.systems[first],
        second=fit.systems[second],
        settled=settled,
        mixed=Needed(
            even=rounded_up((even - 1.0) * outcomes.votes), likely=rounded_up((likely - 1.0) * outcomes.votes)
        ),
        direct=Needed(
            even=rounded_up((even - 1.0) / (model * per_battle)),
            likely=rounded_up((likely - 1.0) / (model * per_battle)),
        ),
        level=level,
        design_effect=error**2 / model,
    )


def rounded_up(count: float) -> int:
    """Two significant digits, never fewer than asked for; LARGEST + 1 above LARGEST."""
    if count > LARGEST:
        return LARGEST + 1
    whole = math.ceil(count - 1e-9)
    unit = int(10 ** max(0, len(str(whole)) - 2))
    return -(-whole // unit) * unit


def _positions(fit: Fit, pair: tuple[str, str] | None) -> tuple[int, int]:
    """The one rated higher first."""
    order = np.argsort(-fit.strengths, kind="stable")
    if pair is None:
        return int(order[0]), int(order[1])
    unknown = [name for name in pair if name not in fit.systems]
    if unknown:
        raise UnknownNameError("system", unknown[0], fit.systems)
    first, second = (fit.systems.index(name) for name in pair)
    return (first, second) if fit.strengths[first] >= fit.strengths[second] else (second, first)


def _times(t: float, degrees: float, level: float, margin: float) -> float:
    """The r at which t sqrt(r) reaches the quantile, with r times the degrees of freedom, plus ``margin``."""
    if t <= 0.0:
        return math.inf
    low, high = 0.0, 60.0  # of log r
    for _ in range(40):
        middle = 0.5 * (low + high)
        times = math.exp(middle)
        reached = t * math.sqrt(times) - margin
        if reached > 0.0 and two_sided_tail(reached, degrees * times) <= 1.0 - level:
            high = middle
        else:
            low = middle
    return math.exp(high)


def _model_variance(rows: ScoreRows, first: int, second: int) -> float:
    bread = rows.bread
    return float(bread[first, first] + bread[second, second] - 2.0 * bread[first, second])


def _information(rows: ScoreRows, fit: Fit, first: int, second: int) -> float:
    """Of one battle of the two: as in those there were, P (1 - P) where there were none."""
    met = ((rows.left == first) & (rows.right == second)) | ((rows.left == second) & (rows.right == first))
    if met.any():
        return float(rows.curvature[met].mean())
    half = 0.5 * float(fit.strengths[first] - fit.strengths[second])
    return 0.25 / math.cosh(half) ** 2


def _unit(contrasts: ContrastErrors) -> str:
    return "query" if str(contrasts.by) == "query" else "voter or query"
