"""Whether voters agree: within a kind and between kinds, over all queries and by category, never pooled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from core.domain.counting import counted
from core.domain.voting import VoterKind
from core.ratings import shared_battles
from core.ratings.outcomes import Outcomes
from core.ratings.shared_battles import agreement_between, alpha_among
from core.services.board.board_views import Agreement, AgreementView, Disagreement
from core.services.board.standing import WHO

LISTED = 50  # battles of disagreement that are shown
STRENGTHS = ((0.6, "substantial agreement"), (0.4, "moderate agreement"), (0.2, "fair agreement"))  # Landis, Koch 1977


def agreement_view(
    outcomes: Mapping[VoterKind, Outcomes], categories: Mapping[str, str], labels: Mapping[str, str]
) -> AgreementView:
    """``outcomes``: of each kind that has some. ``categories``: of queries. ``labels``: how systems are shown."""
    kinds = [kind for kind in VoterKind if kind in outcomes and len(outcomes[kind])]
    rows: list[Agreement] = []
    for kind in kinds:
        if kind is not VoterKind.LABELS:
            rows += _within(kind, outcomes[kind], categories)
    found: list[Disagreement] = []
    for first, second in combinations(kinds, 2):
        report = agreement_between(outcomes[first], outcomes[second], categories=categories)
        rows += [_between(first, second, part) for part in (report.overall, *report.categories)]
        found += [_apart(first, second, item, categories, labels) for item in report.disagreements]
    return AgreementView(
        rows=tuple(rows),
        disagreements=tuple(found[:LISTED]),
        disagreeing=len(found),
        sentence=_sentence([row for row in rows if not row.category]),
    )


def _within(kind: VoterKind, outcomes: Outcomes, categories: Mapping[str, str]) -> list[Agreement]:
    """Of all voters of a kind with one another, over all and by category."""
    named = sorted({categories.get(query, "") for query in outcomes.queries} - {""})
    rows = []
    for category in ("", *(named if len(named) > 1 else ())):
        part = outcomes if not category else _of_category(outcomes, categories, category)
        alpha = alpha_among(part)
        rows.append(
            Agreement(
                first=kind,
                second=kind,
                category=category,
                battles=alpha.items,
                raw=None,
                kappa=None,
                alpha=known(alpha.value),
                alpha_low=known(alpha.low),
                alpha_high=known(alpha.high),
            )
        )
    return rows


def _of_category(outcomes: Outcomes, categories: Mapping[str, str], category: str) -> Outcomes:
    inside = np.array([categories.get(query, "") == category for query in outcomes.queries], dtype=np.bool_)
    return outcomes.where(inside[outcomes.query])


def _between(first: VoterKind, second: VoterKind, part: shared_battles.Agreement) -> Agreement:
    return Agreement(
        first=first,
        second=second,
        category=part.category,
        battles=part.items,
        raw=known(part.raw),
        kappa=known(part.kappa),
        alpha=known(part.alpha.value),
        alpha_low=known(part.alpha.low),
        alpha_high=known(part.alpha.high),
    )


def _apart(
    first: VoterKind,
    second: VoterKind,
    item: shared_battles.Disagreement,
    categories: Mapping[str, str],
    labels: Mapping[str, str],
) -> Disagreement:
    names = labels.get(item.system, item.system), labels.get(item.other, item.other)
    return Disagreement(
        query=item.query,
        category=categories.get(item.query, ""),
        first=names[0],
        second=names[1],
        verdicts=((first, _said(item.first_share, names)), (second, _said(item.second_share, names))),
    )


def _said(share: float, names: Sequence[str]) -> str:
    if share == 0.5:
        return "equal"
    return names[0] if share > 0.5 else names[1]


def known(value: float) -> float | None:
    """None where a coefficient does not exist."""
    return None if math.isnan(value) else value


def _sentence(overall: Sequence[Agreement]) -> str:
    between = [row for row in overall if row.first is not row.second and row.raw is not None]
    if between:
        row = between[0]
        kappa = "" if row.kappa is None else f" ({_strength(row.kappa)}: kappa {row.kappa:.2f})"
        return (
            f"{_capital(WHO[row.first])} and {WHO[row.second]} give the same verdict on {row.raw or 0:.0%} of the "
            f"{counted(row.battles, 'battle')} that both judged{kappa}."
        )
    within = [row for row in overall if row.alpha is not None]
    if within:
        row = within[0]
        return (
            f"{_capital(WHO[row.first])} judged {counted(row.battles, 'battle')} more than once: "
            f"{_strength(row.alpha or 0.0)}, Krippendorff's alpha {row.alpha:.2f}."
        )
    return "No battle has been judged twice yet, by two voters or by two kinds of voter."


def _strength(value: float) -> str:
    return next((word for least, word in STRENGTHS if value >= least), "hardly more than chance")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
