"""Borda and Kemeny."""

from itertools import combinations, permutations

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.ratings import combination
from core.ratings.combination import NamedRanking, borda, kemeny, ranking_of

TENNESSEE = (  # where to put the capital: a hundred voters by city
    *((f"memphis {i}", "Memphis Nashville Chattanooga Knoxville") for i in range(42)),
    *((f"nashville {i}", "Nashville Chattanooga Knoxville Memphis") for i in range(26)),
    *((f"chattanooga {i}", "Chattanooga Knoxville Nashville Memphis") for i in range(15)),
    *((f"knoxville {i}", "Knoxville Chattanooga Nashville Memphis") for i in range(17)),
)


def strict(name: str, order: str) -> NamedRanking:
    return NamedRanking(name=name, levels=tuple((system,) for system in order.split()))


def drawn(rng: np.random.Generator, systems: int, rankings: int) -> list[NamedRanking]:
    """Rankings with ties and with systems left out."""
    found = []
    for number in range(rankings):
        held = rng.permutation(systems)[: rng.integers(2, systems + 1)]
        found.append(ranking_of(f"r{number}", {f"s{i:02d}": float(rng.integers(systems)) for i in held}))
    return found


def disagreements(order: tuple[str, ...], rankings: list[NamedRanking]) -> int:
    cost = 0
    for ranking in rankings:
        place = {system: at for at, level in enumerate(ranking.levels) for system in level}
        cost += sum(place[b] < place[a] for a, b in combinations(order, 2) if a in place and b in place)
    return cost


def test_the_tennessee_example() -> None:
    rankings = [strict(*one) for one in TENNESSEE]
    found = kemeny(rankings)
    assert found.order == ("Nashville", "Chattanooga", "Knoxville", "Memphis")
    assert (found.judged, found.disagreements, found.optimal) == (600, 600 - 393, True)
    points = borda(rankings)
    assert dict(zip(points.systems, 300 * points.scores, strict=True)) == pytest.approx(
        {"Memphis": 126, "Nashville": 194, "Chattanooga": 173, "Knoxville": 107}
    )


@pytest.mark.parametrize("seed", range(25))
def test_kemeny_has_the_fewest_disagreements_of_all_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rankings = drawn(rng, int(rng.integers(2, 7)), int(rng.integers(1, 6)))
    found = kemeny(rankings)
    best = min(disagreements(order, rankings) for order in permutations(found.order))
    assert found.disagreements == disagreements(found.order, rankings) == best
    assert found.optimal


@pytest.mark.parametrize("seed", range(10))
def test_local_search_is_counted_rightly_and_near_the_best(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rankings = drawn(np.random.default_rng(seed), 9, 5)
    best = kemeny(rankings)
    monkeypatch.setattr(combination, "LARGEST_EXACT", 3)
    found = kemeny(rankings)
    assert found.disagreements == disagreements(found.order, rankings)
    assert best.disagreements <= found.disagreements <= best.disagreements + 2
    assert not found.optimal or found.disagreements == best.disagreements


def test_many_systems_in_agreement_are_proven_without_search_of_all_orders() -> None:
    order = " ".join(f"s{i:02d}" for i in range(30))
    found = kemeny([strict("a", order), strict("b", order)])
    assert found.order == tuple(order.split())
    assert (found.disagreements, found.optimal) == (0, True)


def test_many_systems_in_disagreement_are_not_said_to_be_optimal() -> None:
    rankings = drawn(np.random.default_rng(0), 20, 7)
    found = kemeny(rankings)
    assert found.disagreements == disagreements(found.order, rankings)
    assert not found.optimal


def test_ties_share_points_and_missing_systems_are_said() -> None:
    points = borda([ranking_of("ndcg", {"a": 0.9, "b": 0.5, "c": 0.5}), ranking_of("speed", {"c": 3.0, "a": 1.0})])
    # ndcg: a 2/2, b and c (0 + 1/2) / 2 each; speed: c 1, a 0.
    assert points.systems == ("a", "b", "c")
    assert points.scores == pytest.approx([0.5, 0.25, 0.625])
    assert points.levels == (("c",), ("a",), ("b",))
    assert points.missing == (("speed", ("b",)),)


def test_a_ranking_of_one_system_says_nothing() -> None:
    points = borda([strict("one", "a"), strict("two", "b c")])
    assert dict(zip(points.systems, points.scores, strict=True)) == {"a": 0.5, "b": 1.0, "c": 0.0}


def test_equal_scores_are_level_and_order_of_names_does_not_matter() -> None:
    assert ranking_of("x", {"b": 0.1 + 0.2, "a": 0.3, "c": 1.0}).levels == (("c",), ("a", "b"))
    assert borda([strict("one", "a b"), strict("two", "b a")]).levels == (("a", "b"),)


def test_what_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one ranking"):
        borda([])
    with pytest.raises(InvalidInputError, match="'a' occurs twice"):
        kemeny([strict("one", "a b a")])
    with pytest.raises(InvalidInputError, match="not a number"):
        ranking_of("one", {"a": float("nan")})
