"""Who can be told apart from the leader."""

import numpy as np
import pytest

from core.ratings.board import rate
from core.ratings.contrasts import standing
from core.ratings.label_votes import from_labels
from tests.support.battle_logs import from_counts


def values(strengths: list[float], queries: int, seed: int) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    drawn = np.array(strengths) + rng.normal(size=(queries, len(strengths)))
    return {f"s{i}": {f"q{q}": float(drawn[q, i]) for q in range(queries)} for i in range(len(strengths))}


def test_a_clear_order_is_told_apart() -> None:
    outcomes = from_labels(values([1.5, 0.0, 0.1], 60, 1))
    fit = rate(outcomes).fit
    assert fit is not None
    found = standing(outcomes, fit)
    assert found.leader == "s0"
    assert set(found.behind) == {"s1", "s2"}
    assert found.level_with == ()


def test_one_voter_and_one_query_tell_nobody_apart() -> None:
    outcomes = from_counts({("a", "b"): (3, 1, 1)})
    one = type(outcomes)(
        systems=outcomes.systems,
        left=outcomes.left,
        right=outcomes.right,
        share=outcomes.share,
        voters=("v",),
        voter=np.zeros(len(outcomes), dtype=np.int64),
        queries=("q",),
        query=np.zeros(len(outcomes), dtype=np.int64),
    )
    fit = rate(one).fit
    assert fit is not None
    assert standing(one, fit).level_with == ("b",)


@pytest.mark.parametrize("systems", [5, 8])
def test_equal_systems_are_rarely_told_apart(systems: int) -> None:
    """With all equal, a claim is wrong: at most 5 % of 400 logs, and 2.5 standard errors for chance."""
    wrong = 0
    for seed in range(400):
        outcomes = from_labels(values([0.0] * systems, 42, seed))
        fit = rate(outcomes).fit
        assert fit is not None
        wrong += bool(standing(outcomes, fit).behind)
    assert wrong / 400 < 0.05 + 2.5 * (0.05 * 0.95 / 400) ** 0.5
