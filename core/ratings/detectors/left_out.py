"""The fit without each voter, and how each voter departs from it.

A Bradley-Terry fit on decided comparisons with a weak normal prior on the strengths, so that it exists for any votes
and what nobody else has compared stays uncertain. For voter v with wins W_v, at the strengths t of all others,

    S_v = won - expected by system,   H_v = the voter's information, a k x k Laplacian.

If v has a taste of variance w2 around the crowd's strengths, S_v has mean 0 and covariance

    f H_v + H_v (w2 I + C) H_v,   C = B (H + w2 sum_u H_u H_u + prior) B,   B = (H + prior)^-1,

f the inflation of votes over several systems, H and the sum over the others, C the sampling covariance of their fit.
A voter of little leverage (no diagonal of B H_v above 5 %) is left out by one Newton step, the few others by Newton to
convergence.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from core.ratings.detectors.decided import Decided, Mask
from core.ratings.outcomes import Floats

PRIOR_SD = 2.0  # of a strength, natural logarithms: 350 points
_PRECISION = PRIOR_SD**-2
_LEVERAGE = 0.05
_STEPS = 25
_SMALL = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Departures:
    """What the tests read of ``V`` voters and ``k`` systems.

    ``strengths``: (V, k) of the others. ``scores``: (V, k) S_v. ``met``, ``won``: (V, k) decided comparisons of each
    system. Parts of the variance of ``scores``: ``noise``, the diagonal of f H_v; ``taste``, that of H_v H_v, which w2
    multiplies; ``fit``, that of H_v C H_v. ``along`` and ``along_*``: (V,) the same of t' S_v.
    Over the voter's comparisons, (V,), d the difference of strengths: ``most`` and ``squares``, the sum of |d| and d^2;
    ``followed``, that of |d| where the favourite of the others won; ``favoured``, how often it did, and
    ``favoured_expected``.
    """

    strengths: Floats
    scores: Floats
    met: Floats
    won: Floats
    noise: Floats
    taste: Floats
    fit: Floats
    along: Floats
    along_noise: Floats
    along_taste: Floats
    along_fit: Floats
    most: Floats
    squares: Floats
    followed: Floats
    favoured: Floats
    favoured_expected: Floats


def fit_strengths(wins: Floats, start: Floats) -> Floats:
    """(..., k) strengths of the highest posterior from wins (..., k, k) of row over column."""
    met = wins + np.swapaxes(wins, -1, -2)
    strengths: Floats = np.broadcast_to(start, wins.shape[:-1]).copy()
    for _ in range(_STEPS):
        chance = _chance(strengths)
        gradient = (wins - met * chance).sum(axis=-1) - _PRECISION * strengths
        step = np.linalg.solve(_with_prior(_laplacian(met, chance)), gradient[..., None])[..., 0]
        size = np.abs(step).max(axis=-1, keepdims=True, initial=0.0)
        strengths += step / np.maximum(1.0, size)  # a step of more than 1 is shortened: no overshooting
        if float(size.max(initial=0.0)) < _SMALL:
            break
    return strengths


def departures(decided: Decided, counted: Mask, taste: float) -> Departures:
    """``counted``: (voters,) whose votes make the fit; everybody is compared with it. ``taste``: variance w2."""
    crowd = _Crowd.of(decided, counted, taste)
    parts = [_nobody(decided.systems)]
    for these, own in decided.chunks():
        inside = _laplacian(own + np.swapaxes(own, 1, 2), _chance(crowd.strengths))
        leverage = np.einsum("ij,vji->vi", crowd.bread, inside).max(axis=1, initial=0.0) * counted[these]
        part = _from_shared(crowd, own, inside, counted[these], decided.inflation[these])
        for voter in np.flatnonzero(leverage > _LEVERAGE).tolist():
            _replace(part, voter, _from_others(crowd, own[voter], inside[voter], decided.inflation[these][voter]))
        parts.append(part)
    return Departures(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Departures)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Crowd:
    """The fit on all counted voters: ``bread`` B, ``squares`` the sum of H_u H_u, ``spread`` C."""

    wins: Floats
    strengths: Floats
    bread: Floats
    squares: Floats
    spread: Floats
    taste: float

    @classmethod
    def of(cls, decided: Decided, counted: Mask, taste: float) -> _Crowd:
        wins = decided.total(counted)
        strengths = fit_strengths(wins, np.zeros(decided.systems))
        chance = _chance(strengths)
        information = _with_prior(_laplacian(wins + wins.T, chance))
        squares = np.zeros_like(wins)
        for these, own in decided.chunks():
            inside = _laplacian(own + np.swapaxes(own, 1, 2), chance)[counted[these]].reshape(-1, decided.systems)
            squares += inside.T @ inside
        bread: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
        spread = bread @ (information + taste * squares) @ bread
        return cls(wins=wins, strengths=strengths, bread=bread, squares=squares, spread=spread, taste=taste)


def _from_shared(crowd: _Crowd, own: Floats, inside: Floats, counted: Mask, inflation: Floats) -> Departures:
    """One Newton step: without v the strengths are t - B S_v, and S_v there is S_v + H_v B S_v."""
    scores = _scores(own, _chance(crowd.strengths))
    step = (scores @ crowd.bread) * counted[:, None]
    moved = scores + (inside @ step[:, :, None])[:, :, 0]
    return _described(crowd.strengths, crowd.strengths - step, moved, own, inside, crowd.spread, inflation)


def _from_others(crowd: _Crowd, own: Floats, inside: Floats, inflation: float) -> Departures:
    """A fit of its own for the voter with wins ``own`` (k, k), who is among the counted."""
    others = crowd.wins - own
    strengths = fit_strengths(others, crowd.strengths)
    chance = _chance(strengths)
    information = _with_prior(_laplacian(others + others.T, chance))
    bread = np.linalg.inv(information)
    spread = bread @ (information + crowd.taste * (crowd.squares - inside @ inside)) @ bread
    inside = _laplacian(own + own.T, chance)[None]
    scores = _scores(own[None], chance)
    return _described(strengths, strengths[None], scores, own[None], inside, spread, np.array([inflation]))


def _scores(own: Floats, chance: Floats) -> Floats:
    """(c, k) won - expected from wins (c, k, k) and the chance of the row to win (k, k)."""
    won = own.sum(axis=2)
    expected = np.einsum("vij,ij->vi", own, chance) + np.einsum("vji,ij->vi", own, chance)
    scores: Floats = won - expected
    return scores


def _described(
    direction: Floats,
    strengths: Floats,
    scores: Floats,
    own: Floats,
    inside: Floats,
    spread: Floats,
    inflation: Floats,
) -> Departures:
    """``direction``: (k,) t. ``strengths``, ``scores``: (c, k), ``own``, ``inside``: (c, k, k), ``spread``: (k, k)."""
    ahead = direction[:, None] - direction[None, :]
    chance = _chance(direction)
    favoured = np.where(ahead > 0.0, 1.0, np.where(ahead == 0.0, 0.5, 0.0))
    weights = (np.abs(ahead), ahead**2, favoured * np.abs(ahead), favoured, np.maximum(chance, 1.0 - chance))
    sums = np.stack([np.einsum("vij,ij->v", own, weight) for weight in weights], axis=1)
    turned = inside @ direction
    won = own.sum(axis=2)
    noise: Floats = inflation[:, None] * np.einsum("vii->vi", inside)
    return Departures(
        strengths=strengths,
        scores=scores,
        met=won + own.sum(axis=1),
        won=won,
        noise=noise,
        taste=np.einsum("vij,vij->vi", inside, inside),
        fit=np.einsum("vij,vij->vi", inside @ spread, inside),
        along=scores @ direction,
        along_noise=inflation * (turned @ direction),
        along_taste=(turned**2).sum(axis=1),
        along_fit=((turned @ spread) * turned).sum(axis=1),
        most=sums[:, 0],
        squares=sums[:, 1],
        followed=sums[:, 2],
        favoured=sums[:, 3],
        favoured_expected=sums[:, 4],
    )


def _nobody(systems: int) -> Departures:
    rows, tables = np.zeros((0, systems)), np.zeros((0, systems, systems))
    return _described(np.zeros(systems), rows, rows, tables, tables, np.eye(systems), np.zeros(0))


def _replace(part: Departures, place: int, other: Departures) -> None:
    for column in fields(Departures):
        getattr(part, column.name)[place] = getattr(other, column.name)[0]


def _chance(strengths: Floats) -> Floats:
    """(..., k, k) probability that the row wins."""
    chance: Floats = 0.5 * (1.0 + np.tanh(0.5 * (strengths[..., :, None] - strengths[..., None, :])))
    return chance


def _laplacian(met: Floats, chance: Floats) -> Floats:
    """(..., k, k) information of so many comparisons."""
    inside: Floats = met * (-chance * (1.0 - chance))
    diagonal = np.arange(inside.shape[-1])
    inside[..., diagonal, diagonal] -= inside.sum(axis=-1)
    return inside


def _with_prior(inside: Floats) -> Floats:
    return inside + _PRECISION * np.eye(inside.shape[-1])
