"""Two kinds of voter, or two voters, on the same battles: how often they agree, and where they do not.

An item is a query and a pair of systems, whoever stood left. A side's verdict on an item is the majority of its
judgments, ties counting half (one voter who judged an item several times counts with the last). See agreement.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.ratings.agreement import Alpha, cohen_kappa, krippendorff_alpha, raw_agreement
from core.ratings.outcomes import Integers, Outcomes

_TIE = 1  # values: 0 a loss, 1 a tie, 2 a win of the system whose name comes first
Item = tuple[str, str, str]  # query, system, system; the systems in the order of their names


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """``first_share``, ``second_share``: what each side gives to ``system`` against ``other``: 1, 0.5 or 0."""

    query: str
    system: str
    other: str
    first_share: float
    second_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """``items`` judged by both sides; ``category`` is empty over all of them. NaN as in agreement.py."""

    category: str
    items: int
    raw: float
    kappa: float
    alpha: Alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport:
    """``categories``: by name. ``disagreements``: whole wins against losses first, then by query and systems."""

    overall: Agreement
    categories: tuple[Agreement, ...]
    disagreements: tuple[Disagreement, ...]


def agreement_between(
    first: Outcomes,
    second: Outcomes,
    *,
    categories: Mapping[str, str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> AgreementReport:
    """``first``, ``second``: the outcomes of each side. ``categories``: of queries; one that is not named has none."""
    one, other = (_verdicts(outcomes) for outcomes in (first, second))
    items = sorted(one.keys() & other.keys())
    codes = np.array([[one[item], other[item]] for item in items], dtype=np.int64).reshape(len(items), 2)
    named = np.array([(categories or {}).get(query, "") for query, _, _ in items], dtype=np.str_)
    parts = [(name, codes[named == name]) for name in sorted(set(named.tolist()) - {""})]
    return AgreementReport(
        overall=_agreement("", codes, level, seed),
        categories=tuple(_agreement(name, part, level, seed) for name, part in parts),
        disagreements=_disagreements(items, codes),
    )


def alpha_among(outcomes: Outcomes, *, level: float = 0.95, seed: int = 0) -> Alpha:
    """Krippendorff's alpha of all voters of these outcomes with one another."""
    item, value, _ = _judgments(outcomes)
    return krippendorff_alpha(item, value, level=level, seed=seed)


def _agreement(category: str, codes: Integers, level: float, seed: int) -> Agreement:
    items = np.repeat(np.arange(len(codes)), 2)
    return Agreement(
        category=category,
        items=len(codes),
        raw=raw_agreement(codes[:, 0], codes[:, 1]),
        kappa=cohen_kappa(codes[:, 0], codes[:, 1]),
        alpha=krippendorff_alpha(items, codes.ravel(), level=level, seed=seed),
    )


def _disagreements(items: list[Item], codes: Integers) -> tuple[Disagreement, ...]:
    apart = np.abs(codes[:, 0] - codes[:, 1])
    order = sorted(np.flatnonzero(apart).tolist(), key=lambda i: (-int(apart[i]), items[i]))
    return tuple(
        Disagreement(
            query=items[i][0],
            system=items[i][1],
            other=items[i][2],
            first_share=float(codes[i, 0]) / 2.0,
            second_share=float(codes[i, 1]) / 2.0,
        )
        for i in order
    )


def _verdicts(outcomes: Outcomes) -> dict[Item, int]:
    """Majority verdict on every item that was judged."""
    item, value, names = _judgments(outcomes)
    balance = np.bincount(item, weights=value - float(_TIE), minlength=len(names)).tolist()
    return {name: _TIE + int(np.sign(side)) for name, side in zip(names, balance, strict=True)}


def _judgments(outcomes: Outcomes) -> tuple[Integers, Integers, list[Item]]:
    """Item and value (judgments,) of each voter's last word on each item, and the items' names."""
    k, voters = len(outcomes.systems), len(outcomes.voters)
    low, high = np.minimum(outcomes.left, outcomes.right), np.maximum(outcomes.left, outcomes.right)
    share = np.where(outcomes.left == low, outcomes.share, 1.0 - outcomes.share)
    cell = ((outcomes.query * k + low) * k + high) * voters + outcomes.voter
    kept, last = np.unique(cell[::-1], return_index=True)
    cells, item = np.unique(kept // max(voters, 1), return_inverse=True)
    names = [
        (outcomes.queries[at // (k * k)], outcomes.systems[at // k % k], outcomes.systems[at % k])
        for at in cells.tolist()
    ]
    value: Integers = np.rint(2.0 * share[::-1][last]).astype(np.int64)
    return item, value, names
