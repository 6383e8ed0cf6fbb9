"""One line of a board: what was counted, rated and measured of a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import fmean

from core.measures.intervals import mean_interval
from core.services.board.boards import Entry
from core.services.board.ranked_lists import Cost, RankedLists
from core.services.board.rated_slice import RatedSlice

FINGERPRINT = 64  # characters


def shown(names: Mapping[str, str], system: str) -> str:
    """A specification, the beginning of a fingerprint without one, or the name in an imported log."""
    return names.get(system, system[:12] if len(system) == FINGERPRINT else system)


def components(rated: RatedSlice) -> dict[str, int]:
    return {
        system: number
        for number, component in enumerate(rated.identifiability.components)
        for system in component.systems
    }


def entry_of(group: tuple[str, ...], names: Mapping[str, str], rated: RatedSlice, lists: RankedLists) -> Entry:
    first = group[0]
    wins, ties, losses = _counts(rated, first)
    measured, cost = list(lists.values.get(first, {}).values()), lists.costs.get(first)
    mean = mean_interval(measured) if len(measured) > 1 else None
    made = Entry(
        systems=tuple(shown(names, system) for system in group),
        rating=None,
        low=None,
        high=None,
        votes=wins + ties + losses,
        wins=wins,
        ties=ties,
        losses=losses,
        component=components(rated).get(first, len(rated.identifiability.components)),
        ndcg=fmean(measured) if measured else None,
        ndcg_low=None if mean is None else mean.low,
        ndcg_high=None if mean is None else mean.high,
        queries=len(measured),
    )
    return _with_rating(_with_cost(made, cost), first, rated)


def _counts(rated: RatedSlice, system: str) -> tuple[int, int, int]:
    if system not in rated.pairs.systems:
        return 0, 0, 0
    at = rated.pairs.systems.index(system)
    wins, ties, losses = (int(table[at].sum()) for table in (rated.pairs.wins, rated.pairs.ties, rated.pairs.losses))
    return wins, ties, losses


def _with_cost(entry: Entry, cost: Cost | None) -> Entry:
    if cost is None:
        return entry
    return replace(
        entry, calls=cost.calls, prompt_tokens=cost.prompt_tokens, p50_ms=cost.p50_ms, machines=cost.machines
    )


def _with_rating(entry: Entry, system: str, rated: RatedSlice) -> Entry:
    for scale in rated.scales:
        ratings, intervals, sets = scale.fitted.ratings, scale.fitted.intervals, scale.sets
        if ratings is None or system not in scale.fitted.systems:
            continue
        at = scale.fitted.systems.index(system)
        entry = replace(entry, rating=float(ratings[at]))
        if intervals is not None:
            low, high = intervals.ends(at)
            entry = replace(entry, low=low, high=high)
        if sets is not None and scale is rated.whole:
            entry = replace(entry, first_rank=int(sets.lowest[at]), last_rank=int(sets.highest[at]))
    return entry
