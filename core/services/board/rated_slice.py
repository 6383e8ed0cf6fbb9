"""A slice of outcomes rated: one scale where all systems hang together, else one for each part that does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.ratings.board import Board as Fitted
from core.ratings.board import rate
from core.ratings.caps import Caps, TooFewVotersToCapError, capped_weights
from core.ratings.contrast_errors import ContrastErrors, contrast_errors
from core.ratings.covariates import Design
from core.ratings.identifiability import Identifiability, MissingBattles, examine
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.rank_sets import RankSets, rank_sets_of
from core.services.board.boards import BoardRequest

Columns = Callable[[Outcomes], Design]  # the covariates of these outcomes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """Systems that are comparable. ``outcomes``: between them, weighted where capped. ``sets``, ``errors``: of models
    with strengths, where there are clusters enough for intervals."""

    outcomes: Outcomes
    fitted: Fitted
    sets: RankSets | None
    errors: ContrastErrors | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedSlice:
    """``everything``: outcomes between all systems of the board; ``met``: of the systems that have one.

    ``identifiability``: of those that have met; ``missing``: battles that would help, of all systems of the board.
    ``scales``: one where the method can rate all of them together, or nothing; otherwise of each part that can be
    rated by itself. Empty without outcomes.
    ``caps``: where asked for; ``no_cap``: why there are none though asked for.
    """

    everything: Outcomes
    met: Outcomes
    pairs: PairTable
    identifiability: Identifiability
    missing: tuple[MissingBattles, ...]
    scales: tuple[Scale, ...]
    caps: Caps | None
    no_cap: str

    @property
    def whole(self) -> Scale | None:
        """The one scale of all that have met, where there is one."""
        if len(self.scales) != 1 or self.scales[0].fitted.ratings is None:
            return None
        return self.scales[0] if self.scales[0].fitted.systems == self.met.systems else None


def rate_slice(outcomes: Outcomes, request: BoardRequest, columns: Columns | None = None) -> RatedSlice:
    """Rate what can be rated. ``columns``: needed where the request names covariates.

    ConvergenceError and InvalidInputError (a covariate that cannot be computed, or with another method) pass through.
    """
    met = outcomes.only(met_systems(outcomes))
    caps, no_cap = _caps(met) if request.capped else (None, "")
    weighted = met if caps is None else met.weighted(caps.weights)
    pairs = pair_table(met)
    identifiability = examine(pairs)
    return RatedSlice(
        everything=outcomes,
        met=met,
        pairs=pairs,
        identifiability=identifiability,
        missing=identifiability.missing if met is outcomes else examine(pair_table(outcomes)).missing,
        scales=_scales(weighted, request, identifiability, columns) if len(met) else (),
        caps=caps,
        no_cap=no_cap,
    )


def met_systems(outcomes: Outcomes) -> tuple[str, ...]:
    """Systems with at least one outcome: one that nobody has met yet must not keep the others from being rated."""
    met = np.zeros(len(outcomes.systems), dtype=np.bool_)
    met[outcomes.left] = met[outcomes.right] = True
    return tuple(name for name, is_met in zip(outcomes.systems, met, strict=True) if is_met)


def _caps(met: Outcomes) -> tuple[Caps | None, str]:
    try:
        return capped_weights(met), ""
    except TooFewVotersToCapError as error:
        return None, str(error)


def _scales(
    outcomes: Outcomes, request: BoardRequest, identifiability: Identifiability, columns: Columns | None
) -> tuple[Scale, ...]:
    """All on one scale where the method can, else every component that it can rate by itself."""
    whole = _scale(outcomes, request, columns)
    if whole.fitted.ratings is not None or len(identifiability.components) == 1:
        return (whole,)
    parts = [component.systems for component in identifiability.components if component.rateable]
    found = (_scale(outcomes.only(part), request, columns) for part in parts)
    return tuple(scale for scale in found if scale.fitted.ratings is not None) or (whole,)


def _scale(outcomes: Outcomes, request: BoardRequest, columns: Columns | None) -> Scale:
    design = columns(outcomes) if columns is not None and request.covariates else None
    fitted = rate(outcomes, method=request.method, covariates=design)
    if fitted.model is None or fitted.intervals is None:
        return Scale(outcomes=outcomes, fitted=fitted, sets=None, errors=None)
    errors = contrast_errors(outcomes, fitted.model)
    return Scale(outcomes=outcomes, fitted=fitted, sets=rank_sets_of(errors), errors=errors)
