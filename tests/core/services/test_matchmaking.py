"""Which battle comes next."""

import random
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations

from core.domain.voting import Battle, BattleState
from core.services.matchmaking import Match, Pool, choose

SYSTEMS = ("a", "b", "c", "d", "e")


def pool_of(queries: int, systems: tuple[str, ...] = SYSTEMS) -> Pool:
    """Every system orders seven documents differently (rotations)."""
    documents = [f"d{n}" for n in range(7)]
    orders = {
        f"list{q}": {s: tuple(documents[(i + q) % 7 :] + documents[: (i + q) % 7]) for i, s in enumerate(systems)}
        for q in range(queries)
    }
    return Pool(orders=orders, categories={f"list{q}": "even" if q % 2 == 0 else "odd" for q in range(queries)})


def as_battle(match: Match) -> Battle:
    return Battle(
        id=f"{match.candidates}-{match.first}-{match.second}",
        voter="v",
        candidates=match.candidates,
        collection="c",
        query_id="q",
        category="",
        left=match.first,
        right=match.second,
        state=BattleState.VOTED,
        issued_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def play(pool: Pool, rounds: int, seed: int = 0, category: str = "") -> list[Battle]:
    rng = random.Random(seed)
    seen: list[Battle] = []
    for _ in range(rounds):
        match = choose(pool, seen, category=category, rng=rng)
        if match is None:
            break
        seen.append(as_battle(match))
    return seen


def test_first_ten_battles_cover_the_ten_pairs() -> None:
    battles = play(pool_of(12), 10)
    assert {frozenset((b.left, b.right)) for b in battles} == {frozenset(p) for p in combinations(SYSTEMS, 2)}


def test_queries_do_not_repeat_while_fresh_ones_are_left() -> None:
    battles = play(pool_of(12), 12)
    assert len({b.candidates for b in battles}) == 12


def test_never_the_same_battle_twice_and_ends_when_all_are_seen() -> None:
    pool = pool_of(3)
    battles = play(pool, 1000)
    assert len(battles) == 3 * 10
    assert len({(b.candidates, frozenset((b.left, b.right))) for b in battles}) == 30


def test_identical_top_lists_are_never_shown() -> None:
    same_top = ("d1", "d2", "d3", "d4", "d5")
    pool = Pool(
        orders={"l": {"a": (*same_top, "d6", "d7"), "b": (*same_top, "d7", "d6"), "c": ("d7", *same_top, "d6")}},
        categories={"l": ""},
    )
    pairs = {frozenset((b.left, b.right)) for b in play(pool, 10)}
    assert pairs == {frozenset("ac"), frozenset("bc")}


def test_category_limits_the_queries() -> None:
    assert {b.candidates for b in play(pool_of(6), 30, category="odd")} == {"list1", "list3", "list5"}
    assert play(pool_of(6), 1, category="none such") == []


def test_queries_are_drawn_uniformly() -> None:
    pool = pool_of(6, ("a", "b"))
    drawn = Counter(play(pool, 1, seed=seed)[0].candidates for seed in range(600))
    assert set(drawn) == set(pool.orders)
    assert max(drawn.values()) < 150  # 100 expected; five standard deviations are 46
    assert min(drawn.values()) > 54


def test_a_system_that_is_prepared_later_joins() -> None:
    quick = pool_of(12, ("a", "b", "c", "d"))
    seen = play(quick, 6)
    late = choose(pool_of(12), seen, rng=random.Random(1))
    assert late is not None
    assert "e" in (late.first, late.second)
