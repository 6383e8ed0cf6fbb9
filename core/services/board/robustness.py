"""How much a board hangs on few votes and few voters: raw beside capped, without each voter, the fewest votes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.caps import Caps, TooFewVotersToCapError, capped_weights
from core.ratings.fragility import Fragility, fragility
from core.ratings.influence import Influence, voter_influence
from core.ratings.intervals import rating_intervals
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.pairs import pair_table
from core.ratings.sandwich import TooFewClustersError
from core.services.board.board_making import Rated
from core.services.board.board_views import Beside, Robustness, WithoutVoter
from core.services.board.rating_history import ALIKE
from core.services.board.standing import listed

Around = Sequence[tuple[float | None, float | None]]  # (k,) ends of intervals

_NONE = Robustness(
    systems=(),
    fragile="",
    fewest=None,
    deciding="",
    voters=(),
    no_cap="",
    cap=None,
    capped_voters=0,
)


def robustness(rated: Rated) -> Robustness:
    """Of a board with one scale; empty otherwise. By Bradley-Terry, whatever method the board itself uses."""
    if rated.numbers.whole is None or not rated.numbers.identifiability.identifiable:
        return _NONE
    met = rated.numbers.met
    fit = fit_bradley_terry(pair_table(met))
    influence = voter_influence(met, fit)
    caps, no_cap = _caps(met)
    fewest, fragile = _fragile(rated, fit, fragility(met, fit))
    return Robustness(
        systems=_beside(rated, met, influence, caps),
        fragile=fragile,
        fewest=fewest,
        deciding=_deciding(influence, int(np.count_nonzero(np.bincount(met.voter)))),
        voters=_without(rated, influence),
        no_cap=no_cap,
        cap=None if caps is None else caps.share,
        capped_voters=0 if caps is None else len(caps.capped),
    )


def _caps(met: Outcomes) -> tuple[Caps | None, str]:
    try:
        return capped_weights(met), ""
    except TooFewVotersToCapError as error:
        return None, str(error)


def _fragile(rated: Rated, fit: BradleyTerry, found: Fragility) -> tuple[int | None, str]:
    leader = rated.labels[found.leader]
    ratings = np.sort(fit.ratings)
    if ratings[-1] - ratings[-2] < ALIKE:
        return None, f"{leader} is not alone at the first place."
    if not found.at_most:
        return None, f"No removal of votes was found after which {leader} is not first."
    challenger = rated.labels[found.challenger]
    word = "vote" if found.at_most == 1 else "votes"
    return found.at_most, (
        f"Without {found.at_most:,} {word} ({_percent(found.share)} of all) {challenger} is level with {leader} or "
        "ahead of it."
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _deciding(influence: Influence, voters: int) -> str:
    if voters < 2:
        return "All votes are of one voter: this is one opinion."
    if influence.deciding:
        return f"One voter can decide this: {_without_any(influence.deciding)} another system is first."
    if influence.essential:
        return f"One voter can decide this: {_without_any(influence.essential)} the systems cannot be rated."
    return "No single voter decides first place."


def _without_any(voters: Sequence[str]) -> str:
    who = listed([voter[:8] for voter in voters])
    return f"without {who}" if len(voters) == 1 else f"without any one of {who}"


def _without(rated: Rated, influence: Influence) -> tuple[WithoutVoter, ...]:
    return tuple(
        WithoutVoter(
            voter=pull.name,
            votes=pull.votes,
            share=pull.share,
            leader=rated.labels.get(pull.leader, ""),
            system=rated.labels[influence.systems[int(abs(pull.shift).argmax())]],
            moved=float(pull.shift[int(abs(pull.shift).argmax())]),
        )
        for pull in influence.pulls
    )


def _beside(rated: Rated, met: Outcomes, influence: Influence, caps: Caps | None) -> tuple[Beside, ...]:
    raw, raw_around = _fitted(met)
    capped, capped_around = (None, _unknown(met)) if caps is None else _fitted(met.weighted(caps.weights))
    order = sorted(range(len(met.systems)), key=lambda i: -float(raw[i]))
    return tuple(
        Beside(
            system=rated.labels[met.systems[i]],
            raw=float(raw[i]),
            raw_low=raw_around[i][0],
            raw_high=raw_around[i][1],
            capped=None if capped is None else float(capped[i]),
            capped_low=capped_around[i][0],
            capped_high=capped_around[i][1],
            without_low=float(influence.low[i]),
            without_high=float(influence.high[i]),
        )
        for i in order
    )


def _fitted(outcomes: Outcomes) -> tuple[Floats, Around]:
    fit = fit_bradley_terry(pair_table(outcomes))
    try:
        found = rating_intervals(outcomes, fit)
    except TooFewClustersError:
        return fit.ratings, _unknown(outcomes)
    return fit.ratings, [found.ends(i) for i in range(len(fit.systems))]


def _unknown(outcomes: Outcomes) -> Around:
    return [(None, None) for _ in outcomes.systems]
