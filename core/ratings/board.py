"""One call from outcomes to what a board shows: pairs always, ratings and intervals where they exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.errors import InvalidInputError
from core.ratings import bradley_terry, davidson, elo, win_rate
from core.ratings.bradley_terry import MEAN_RATING, POINTS, BradleyTerry, fit_bradley_terry
from core.ratings.covariates import (
    CovariateEffect,
    CovariatesNotIdentifiableError,
    Design,
    effects,
    fit_covariates,
)
from core.ratings.davidson import TiesTooManyError, fit_davidson
from core.ratings.elo import Elo, online_elo
from core.ratings.identifiability import Identifiability, NotIdentifiableError, examine, incomparable
from core.ratings.intervals import Intervals, around, suitable_clusters, variance_of
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.sandwich import TooFewClustersError, Variance
from core.ratings.score_rows import Fit
from core.ratings.win_rate import WinRate, win_rate_intervals, win_rates

POINT_SCALE = "400 points are a factor of ten in odds, mean 1000"
SHARE_SCALE = "share of half wins, from 0 to 1"


class Method(StrEnum):
    """How outcomes become ratings."""

    BRADLEY_TERRY = "bt"
    DAVIDSON = "davidson"
    ELO = "elo"
    WIN_RATE = "win-rate"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Board:
    """What a method makes of outcomes, the same for every method.

    ``estimand``: what a rating is, in words. ``scale``: its unit, in words.
    ``ratings``: (k,), higher is better; None where they do not exist, and then ``no_ratings`` says why.
    ``intervals``: of the ratings; None where there are none, and then ``no_intervals`` says why.
    ``model``: the fit with strengths behind the ratings (Bradley-Terry, Davidson, with covariates), None for others.
    ``elo``, ``win_rate``: what these methods found besides. ``effects``: of the covariates. ``unadjusted``: (k,)
    ratings without covariates, where there are some. ``notes``: sentences that belong beside the ratings.
    """

    method: Method
    estimand: str
    scale: str
    pairs: PairTable
    identifiability: Identifiability
    ratings: Floats | None = None
    no_ratings: str = ""
    intervals: Intervals | None = None
    no_intervals: str = ""
    model: Fit | None = None
    elo: Elo | None = None
    win_rate: WinRate | None = None
    effects: tuple[CovariateEffect, ...] = ()
    unadjusted: Floats | None = None
    notes: tuple[str, ...] = ()

    @property
    def systems(self) -> tuple[str, ...]:
        """k names, sorted; the order of every array."""
        return self.pairs.systems

    @property
    def strengths(self) -> Floats | None:
        """(k,) natural logarithms, sum zero; None where the method has none."""
        return None if self.model is None else self.model.strengths

    @property
    def low(self) -> Floats | None:
        """(k,) lower ends of the intervals."""
        return None if self.intervals is None else self.intervals.low

    @property
    def high(self) -> Floats | None:
        """(k,) upper ends of the intervals."""
        return None if self.intervals is None else self.intervals.high

    @property
    def fit(self) -> BradleyTerry | None:
        """The plain Bradley-Terry fit, where that is the method and it exists."""
        return self.model if isinstance(self.model, BradleyTerry) else None


def rate(
    outcomes: Outcomes,
    *,
    method: Method = Method.BRADLEY_TERRY,
    level: float = 0.95,
    covariates: Design | None = None,
) -> Board:
    """Everything that these outcomes support by this method, and nothing more.

    ``covariates``: with Bradley-Terry only, otherwise InvalidInputError. ConvergenceError passes through.
    """
    if covariates is not None and covariates.names:
        if method is not Method.BRADLEY_TERRY:
            raise InvalidInputError(f"Covariates need the method {Method.BRADLEY_TERRY}, not {method}.")
        return _with_covariates(outcomes, covariates, level)
    return _METHODS[method](outcomes, level)


def _bradley_terry(outcomes: Outcomes, level: float) -> Board:
    board = _bare(outcomes, Method.BRADLEY_TERRY, ESTIMANDS[Method.BRADLEY_TERRY], POINT_SCALE)
    try:
        fit = fit_bradley_terry(board.pairs)
    except NotIdentifiableError as error:
        return replace(board, no_ratings=str(error))
    return _of_model(board, outcomes, fit, level)[0]


def _davidson(outcomes: Outcomes, level: float) -> Board:
    board = _bare(outcomes, Method.DAVIDSON, ESTIMANDS[Method.DAVIDSON], POINT_SCALE)
    try:
        fit = fit_davidson(board.pairs)
    except (NotIdentifiableError, TiesTooManyError) as error:
        return replace(board, no_ratings=str(error))
    note = f"Two equal systems tie in {100 * fit.even_tie:.0f} % of their battles (nu {fit.nu:.2f})."
    if fit.nu == 0.0:
        note = "There are no ties, so nu is 0 and Davidson's strengths are Bradley-Terry's."
    return replace(_of_model(board, outcomes, fit, level)[0], notes=(note,))


def _with_covariates(outcomes: Outcomes, design: Design, level: float) -> Board:
    board = _bare(outcomes, Method.BRADLEY_TERRY, ESTIMANDS[Method.BRADLEY_TERRY], POINT_SCALE)
    try:
        fit = fit_covariates(outcomes, design)
    except (NotIdentifiableError, CovariatesNotIdentifiableError) as error:
        return replace(board, no_ratings=str(error))
    rated, variance = _of_model(board, outcomes, fit, level)
    return replace(
        rated,
        estimand=fit.estimand,
        effects=effects(fit, variance, level=level),
        unadjusted=MEAN_RATING + POINTS * fit.unadjusted,
    )


def _elo(outcomes: Outcomes, _: float) -> Board:
    board = _bare(outcomes, Method.ELO, ESTIMANDS[Method.ELO], POINT_SCALE)
    if why := incomparable(board.pairs):
        return replace(board, no_ratings=why)
    found = online_elo(outcomes)
    widest = float((found.high - found.low).max())
    return replace(
        board,
        ratings=found.ratings,
        no_intervals="Online Elo has no interval: it estimates nothing that stays.",
        elo=found,
        notes=(
            f"K = {found.k_factor:g}, every system starts at 1000, votes in the order they came. In another order the "
            f"same votes leave a rating anywhere in {widest:.0f} points (95 % of {found.orders} shuffled orders).",
        ),
    )


def _win_rate(outcomes: Outcomes, level: float) -> Board:
    board = _bare(outcomes, Method.WIN_RATE, ESTIMANDS[Method.WIN_RATE], SHARE_SCALE)
    if why := incomparable(board.pairs):
        return replace(board, no_ratings=why)
    found = win_rates(outcomes)
    board = replace(
        board,
        ratings=found.average,
        win_rate=found,
        notes=("It does not allow for the strength of the opponents, only for how often each was met.",),
    )
    try:
        return replace(board, intervals=win_rate_intervals(outcomes, found, level=level))
    except TooFewClustersError as error:
        return replace(board, no_intervals=str(error))


def _bare(outcomes: Outcomes, method: Method, estimand: str, scale: str) -> Board:
    pairs = pair_table(outcomes)
    return Board(method=method, estimand=estimand, scale=scale, pairs=pairs, identifiability=examine(pairs))


def _of_model(board: Board, outcomes: Outcomes, fit: Fit, level: float) -> tuple[Board, Variance | None]:
    """The board with the fit, its ratings and their intervals, and the variance behind those."""
    rated, by = replace(board, ratings=fit.ratings, model=fit), suitable_clusters(outcomes)
    try:
        variance = variance_of(outcomes, fit, by)
    except TooFewClustersError as error:
        return replace(rated, no_intervals=str(error)), None
    return replace(rated, intervals=around(fit.systems, fit.ratings, POINTS, variance, by=by, level=level)), variance


ESTIMANDS = {
    Method.BRADLEY_TERRY: bradley_terry.ESTIMAND,
    Method.DAVIDSON: davidson.ESTIMAND,
    Method.ELO: elo.ESTIMAND,
    Method.WIN_RATE: win_rate.ESTIMAND,
}

_METHODS: Mapping[Method, Callable[[Outcomes, float], Board]] = {
    Method.BRADLEY_TERRY: _bradley_terry,
    Method.DAVIDSON: _davidson,
    Method.ELO: _elo,
    Method.WIN_RATE: _win_rate,
}
