"""Gold battles: candidates ordered by their relevance labels against the same list turned round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.voting import GOLD_BEST, GOLD_WORST
from core.measures.effectiveness import evaluate_ranking
from core.services.battles.pool import TOP

MEASURE = f"nDCG@{TOP}"
MARGIN = 0.5  # of MEASURE; less than this and a careful reader may well miss it


def gold_orders(candidates: Sequence[str], labels: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """GOLD_BEST and GOLD_WORST as document ids, best first.

    ``candidates``: in first-stage order, which decides between equal grades; unlabelled counts as grade 0.
    """
    best = tuple(sorted(candidates, key=lambda document: -labels.get(document, 0)))
    return {GOLD_BEST: best, GOLD_WORST: best[::-1]}


def telling(candidates: Sequence[str], labels: Mapping[str, int]) -> bool:
    """Whether the two orders differ so much at the top that everybody must see which is better."""
    if not any(grade > 0 for grade in labels.values()) or not candidates:
        return False
    best, worst = (
        evaluate_ranking(order, labels, (MEASURE,))[MEASURE] for order in gold_orders(candidates, labels).values()
    )
    return best - worst >= MARGIN
