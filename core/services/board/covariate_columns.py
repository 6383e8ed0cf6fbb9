"""What besides the systems may sway a verdict, as one number for each comparison, left minus right.

side: 1 where the two stood side by side, so that the effect is what standing left is worth. length: difference of log2
of the words in the top documents that were shown; one unit is "twice as long". first-stage: difference of the
share of the top documents that the first stage also had at the top; one unit is "all of them instead of none".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError
from core.ratings.covariates import Covariate, Design
from core.ratings.outcomes import Floats, Outcomes
from core.services.battles.battle_views import DEPTH
from core.services.board.ranked_lists import RankedLists


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """``title``: of a covariate's switch. ``unit``: what its effect is the effect of, in words."""

    title: str
    unit: str


COVARIATES: Mapping[str, Switch] = {
    Covariate.SIDE: Switch(title="Side", unit="standing on the left"),
    Covariate.LENGTH: Switch(title="Length of the top documents", unit="having top documents twice as long"),
    Covariate.FIRST_STAGE: Switch(
        title="Overlap with the first stage", unit="having all of the first stage's top documents instead of none"
    ),
}

Load = Callable[[str], CandidateList]
Measured = Mapping[tuple[str, str], float]  # (system, query) -> value


def covariate_columns(names: Sequence[str], outcomes: Outcomes, lists: RankedLists, load: Load) -> Design:
    """The columns in the order of ``names``, a row for each outcome.

    InvalidInputError for a name that is no covariate and for a log whose rankings are not stored here.
    """
    unknown = [name for name in names if name not in COVARIATES]
    if unknown:
        raise InvalidInputError(f"Unknown covariate {unknown[0]!r}. Known: {', '.join(COVARIATES)}.")
    columns = [_column(name, outcomes, lists, load) for name in names]
    return Design(names=tuple(names), values=np.column_stack(columns))


def _column(name: str, outcomes: Outcomes, lists: RankedLists, load: Load) -> Floats:
    if name == Covariate.SIDE:
        return outcomes.slot.astype(np.float64)
    measured = (_lengths if name == Covariate.LENGTH else _overlaps)(lists, load)
    table = np.full((len(outcomes.systems), len(outcomes.queries)), np.nan)
    systems = {system: index for index, system in enumerate(outcomes.systems)}
    queries = {query: index for index, query in enumerate(outcomes.queries)}
    for (system, query), value in measured.items():
        if system in systems and query in queries:
            table[systems[system], queries[query]] = value
    column: Floats = table[outcomes.left, outcomes.query] - table[outcomes.right, outcomes.query]
    absent = int(np.isnan(column).sum())
    if absent:
        raise InvalidInputError(
            f"{COVARIATES[name].title}: the rankings behind {absent} of {len(column)} comparisons are not stored here. "
            "Switch it off."
        )
    return column


def _lengths(lists: RankedLists, load: Load) -> Measured:
    found = {}
    for query, hash in lists.lists.items():
        words = {document.id: len(document.content.split()) for document in load(hash).documents}
        for system, orders in lists.orders.items():
            if query in orders:
                found[system, query] = math.log2(max(1.0, fmean(words[id] for id in orders[query][:DEPTH])))
    return found


def _overlaps(lists: RankedLists, load: Load) -> Measured:
    found = {}
    for query, hash in lists.lists.items():
        first = {document.id for document in load(hash).documents[:DEPTH]}
        for system, orders in lists.orders.items():
            if query in orders and first:
                found[system, query] = len(first.intersection(orders[query][:DEPTH])) / len(first)
    return found
