"""One call from outcomes to what a board shows: pairs always, ratings and intervals where they exist."""

from __future__ import annotations

from dataclasses import dataclass

from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.identifiability import Identifiability, examine
from core.ratings.intervals import Intervals, rating_intervals
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.sandwich import TooFewClustersError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Board:
    """``fit`` is None where the systems are not identifiable; ``intervals`` is None there and where
    there are fewer than two clusters (``no_intervals`` says so)."""

    pairs: PairTable
    identifiability: Identifiability
    fit: BradleyTerry | None
    intervals: Intervals | None
    no_intervals: str = ""


def rate(outcomes: Outcomes, *, level: float = 0.95) -> Board:
    """Everything that these outcomes support, and nothing more. ConvergenceError passes through."""
    pairs = pair_table(outcomes)
    identifiability = examine(pairs)
    if not identifiability.identifiable:
        return Board(pairs=pairs, identifiability=identifiability, fit=None, intervals=None)
    fit = fit_bradley_terry(pairs)
    try:
        intervals = rating_intervals(outcomes, fit, level=level)
    except TooFewClustersError as error:
        return Board(pairs=pairs, identifiability=identifiability, fit=fit, intervals=None, no_intervals=str(error))
    return Board(pairs=pairs, identifiability=identifiability, fit=fit, intervals=intervals)
