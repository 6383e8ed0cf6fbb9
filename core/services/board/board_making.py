"""From rated outcomes to the board that people read: entries, pairs, chances, sentences. Pure; stores are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.voting import VoterKind
from core.ratings.board import ESTIMANDS, POINT_SCALE
from core.ratings.outcomes import Outcomes
from core.services.board.board_entries import components, entry_of, shown
from core.services.board.board_views import Switched
from core.services.board.board_words import effect_sentence, explain, named, settle, summarise, too_few
from core.services.board.boards import Board, BoardRequest, Effect, Missing, PairCount, Part, Quarantine, Settle
from core.services.board.chances import chances
from core.services.board.covariate_columns import COVARIATES
from core.services.board.ranked_lists import RankedLists
from core.services.board.rated_slice import Columns, RatedSlice, met_systems, rate_slice
from core.services.board.side_bias import side_bias


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rated:
    """A board and what it was read off. ``labels``: first system of each group to what is shown for the group.
    ``ordered``: those systems in the order of the board's entries.
    ``last_vote``: id of the last vote of the log that was read, whether or not it is in the slice."""

    board: Board
    numbers: RatedSlice
    labels: Mapping[str, str]
    ordered: tuple[str, ...]
    last_vote: int

    @property
    def rows(self) -> int:
        """Comparisons on the board."""
        return len(self.numbers.everything)


def make_board(
    outcomes: Outcomes,
    request: BoardRequest,
    names: Mapping[str, str],
    lists: RankedLists | None = None,
    *,
    quarantine: Quarantine | None = None,
    columns: Columns | None = None,
    last_vote: int = 0,
) -> Rated:
    """The board of these outcomes. ``names``: specification of each fingerprint; others are shown as they are.

    ``lists``: what stored rankings say, None for an imported log. ``columns``: where covariates are asked for.
    ``last_vote``: id of the last vote of the log that was read.
    """
    lists = lists or RankedLists()
    groups = {group[0]: group for group in _groups(lists, outcomes, request.kind)}
    merged = outcomes.merged(groups.values()).only(groups)
    rated = rate_slice(merged, request, columns)
    labels = {first: " = ".join(shown(names, system) for system in group) for first, group in groups.items()}
    ordered = _best_first(list(groups), rated)
    place = {system: index for index, system in enumerate(ordered)}
    board = Board(
        request=request,
        entries=tuple(entry_of(groups[system], names, rated, lists) for system in ordered),
        pairs=_pairs(rated, place),
        votes=merged.votes,
        voters=int(np.count_nonzero(np.bincount(merged.voter))),
        comparisons=len(merged),
        identifiable=rated.whole is not None,
        summary=summarise(rated, request.kind, labels, quarantine or Quarantine()),
        explanation=explain(rated, request, labels, _unfinished(lists, names)),
        scale=rated.scales[0].fitted.scale if rated.scales else POINT_SCALE,
        estimand=rated.scales[0].fitted.estimand if rated.scales else ESTIMANDS[request.method],
        chances=chances(rated.whole, place),
        parts=_parts(rated, place, labels),
        missing=_missing(rated, place, labels),
        settle=settle(rated, labels) if request.kind is not VoterKind.LABELS else Settle(votes=None, sentence=""),
        side=side_bias(rated.met) if request.kind is not VoterKind.LABELS else None,
        quarantine=quarantine or Quarantine(),
        effects=_effects(rated),
        too_few=too_few(rated, request),
        agreements=lists.same_tops if lists.battling and request.kind is VoterKind.PERSON else None,
        heaviest=_heaviest(rated.met),
        not_capped=rated.no_cap,
    )
    return Rated(board=board, numbers=rated, labels=labels, ordered=tuple(ordered), last_vote=last_vote)


def _missing(rated: RatedSlice, place: Mapping[str, int], labels: Mapping[str, str]) -> tuple[Missing, ...]:
    return tuple(
        Missing(first=place[m.first], second=place[m.second], needed=named(m.needed, labels)) for m in rated.missing
    )


def _groups(lists: RankedLists, outcomes: Outcomes, kind: VoterKind) -> tuple[tuple[str, ...], ...]:
    """Systems with equal orders share an entry. People's boards: those that can be met or have been."""
    alone = tuple((system,) for system in outcomes.systems if system not in lists.orders)
    groups = (*lists.groups, *alone)
    if kind is VoterKind.LABELS:
        return groups
    real = lists.battling.union(met_systems(outcomes))
    return tuple(group for group in groups if real & set(group))


def _best_first(systems: Sequence[str], rated: RatedSlice) -> list[str]:
    """By component, those that beat others first, within it by rating; half wins where there is none; unmet last."""
    rating, component = _ratings(rated), components(rated)
    half_wins = dict(zip(rated.pairs.systems, rated.pairs.half_wins.sum(axis=1).tolist(), strict=True))
    last = len(rated.identifiability.components)

    def key(system: str) -> tuple[int, float, float]:
        return (component.get(system, last), -rating.get(system, 0.0), -half_wins.get(system, -1.0))

    return sorted(systems, key=key)


def _ratings(rated: RatedSlice) -> dict[str, float]:
    return {
        system: float(value)
        for scale in rated.scales
        if scale.fitted.ratings is not None
        for system, value in zip(scale.fitted.systems, scale.fitted.ratings, strict=True)
    }


def _pairs(rated: RatedSlice, place: Mapping[str, int]) -> tuple[PairCount, ...]:
    table = rated.pairs
    met = np.argwhere(np.triu(table.met, 1) > 0)
    found = []
    for i, j in met.tolist():
        if place[table.systems[i]] > place[table.systems[j]]:
            i, j = j, i
        found.append(
            PairCount(
                first=place[table.systems[i]],
                second=place[table.systems[j]],
                wins=int(table.wins[i, j]),
                ties=int(table.ties[i, j]),
                losses=int(table.losses[i, j]),
            )
        )
    return tuple(sorted(found, key=lambda pair: (pair.first, pair.second)))


def _parts(rated: RatedSlice, place: Mapping[str, int], labels: Mapping[str, str]) -> tuple[Part, ...]:
    return tuple(
        Part(
            entries=tuple(sorted(place[system] for system in component.systems)),
            rateable=component.rateable,
            why=named(component.why, labels),
        )
        for component in rated.identifiability.components
    )


def _unfinished(lists: RankedLists, names: Mapping[str, str]) -> str:
    """Which systems have not ranked every list: their means are over other queries and not to be compared."""
    total = len(lists.lists)
    parts = [f"{shown(names, system)} ({done} of {total} queries ranked)" for system, done in lists.unfinished.items()]
    return f"Not measured yet: {', '.join(parts)}." if parts else ""


def _heaviest(met: Outcomes) -> float:
    """Share of the comparisons by the voter with the most."""
    return float(np.bincount(met.voter).max() / len(met)) if len(met) else 0.0


def _effects(rated: RatedSlice) -> tuple[Effect, ...]:
    found = rated.scales[0].fitted.effects if rated.whole is not None else ()
    return tuple(
        Effect(
            name=effect.name,
            points=effect.points,
            low=effect.low,
            high=effect.high,
            sentence=effect_sentence(COVARIATES[effect.name].unit, effect.points, effect.low, effect.high),
        )
        for effect in found
    )


def switched(rated: Rated) -> tuple[Switched, ...]:
    """Every system's rating without and with the covariates, in the order of the board; empty without covariates."""
    scale = rated.numbers.whole
    adjusted, without = (None, None) if scale is None else (scale.fitted.ratings, scale.fitted.unadjusted)
    if scale is None or adjusted is None or without is None:
        return ()
    return tuple(
        Switched(system=rated.labels[scale.fitted.systems[i]], without=float(without[i]), adjusted=float(adjusted[i]))
        for i in np.argsort(-adjusted, kind="stable").tolist()
    )
