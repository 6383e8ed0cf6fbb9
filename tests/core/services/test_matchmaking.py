"""Which systems meet next and on which query."""

from collections import Counter
from datetime import UTC, datetime
from itertools import combinations, permutations

import numpy as np
import pytest

from core.domain.voting import Battle, BattleForm, BattleState, Policy
from core.services.battles.matchmaking import Chances, Match, choose
from core.services.battles.pool import Mask, Pool, make_pool

SYSTEMS = ("a", "b", "c", "d", "e")
NOON = datetime(2026, 1, 1, tzinfo=UTC)


def pool_of(queries: int, systems: tuple[str, ...] = SYSTEMS) -> Pool:
    """Every system orders seven documents differently (rotations)."""
    documents = [f"d{n}" for n in range(7)]
    orders = {
        f"list{q}": {s: tuple(documents[(i + q) % 7 :] + documents[: (i + q) % 7]) for i, s in enumerate(systems)}
        for q in range(queries)
    }
    return make_pool(orders, {f"list{q}": "even" if q % 2 == 0 else "odd" for q in range(queries)})


def uniform(allowed: Mask) -> Chances:
    return Chances(policy=Policy.UNIFORM, probabilities=allowed / np.triu(allowed).sum())


def as_battle(match: Match) -> Battle:
    return Battle(
        id=f"{match.candidates}-{'-'.join(match.slots)}",
        voter="v",
        candidates=match.candidates,
        collection="c",
        query_id="q",
        category="",
        left=match.slots[0],
        right=match.slots[1],
        further=match.slots[2:],
        state=BattleState.VOTED,
        issued_at=NOON,
        form=match.form,
    )


def play(pool: Pool, rounds: int, seed: int = 0, category: str = "", size: int = 2) -> list[Battle]:
    rng = np.random.default_rng(seed)
    seen: list[Battle] = []
    for _ in range(rounds):
        match = choose(pool, seen, uniform, rng, category=category, size=size)
        if match is None:
            break
        seen.append(as_battle(match))
    return seen


def test_never_the_same_battle_twice_and_ends_when_all_are_seen() -> None:
    battles = play(pool_of(3), 1000)
    assert len(battles) == 3 * 10
    assert len({(b.candidates, frozenset(b.slots)) for b in battles}) == 30


def test_two_systems_meet_once_on_a_list_whatever_the_form() -> None:
    pool = pool_of(1)
    four = choose(pool, [], uniform, np.random.default_rng(1), form=BattleForm.BEST_TO_WORST, size=4)
    assert four is not None
    seen = [as_battle(four)]
    known = {frozenset(pair) for pair in combinations(four.slots, 2)}
    rng = np.random.default_rng(2)
    while (match := choose(pool, seen, uniform, rng)) is not None:
        assert frozenset(match.slots) not in known
        seen.append(as_battle(match))
    assert len(seen) == 1 + 10 - 6


def test_identical_top_lists_are_never_shown_and_counted_apart() -> None:
    same_top = ("d1", "d2", "d3", "d4", "d5")
    pool = make_pool(
        {
            "l": {"a": (*same_top, "d6", "d7"), "b": (*same_top, "d7", "d6"), "c": ("d7", *same_top, "d6")},
            "m": {"a": same_top, "b": same_top},
        },
        {},
    )
    assert {frozenset(b.slots) for b in play(pool, 10)} == {frozenset("ac"), frozenset("bc")}
    assert pool.agreements() == {("a", "b"): 2, ("a", "c"): 0, ("b", "c"): 0}


def test_category_limits_the_queries() -> None:
    assert {b.candidates for b in play(pool_of(6), 100, category="odd")} == {"list1", "list3", "list5"}
    assert play(pool_of(6), 1, category="none such") == []


def test_queries_are_drawn_uniformly_among_those_left() -> None:
    """Chi-square, 5 degrees of freedom, 20.5 at 0.1 %; one list is used up for the pair and must not come."""
    pool = pool_of(7, ("a", "b"))
    seen = [as_battle(Match(candidates="list3", slots=("b", "a")))]
    rng = np.random.default_rng(7)
    drawn = Counter(match.candidates for _ in range(1200) if (match := choose(pool, seen, uniform, rng)))
    assert set(drawn) == set(pool.lists) - {"list3"}
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 20.5


def test_both_sides_alike() -> None:
    rng = np.random.default_rng(3)
    pool = pool_of(1, ("a", "b"))
    left = sum(match.slots[0] == "a" for _ in range(1000) if (match := choose(pool, [], uniform, rng)))
    assert abs(left - 500) < 80  # five standard deviations


def leaning(allowed: Mask) -> Chances:
    """Pair (a, b) with 6 parts, (a, c) with 3, all others with 1; of the allowed ones."""
    parts = np.ones(allowed.shape)
    parts[0, 1] = parts[1, 0] = 6
    parts[0, 2] = parts[2, 0] = 3
    kept = np.where(allowed, parts, 0.0)
    return Chances(policy=Policy.DECISION_CONTRAST, probabilities=kept / np.triu(kept).sum())


@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_stored_probability_is_how_often_it_happens(size: int) -> None:
    pool, rng = pool_of(4, ("a", "b", "c", "d")), np.random.default_rng(size)
    seen = [as_battle(Match(candidates=hash, slots=("c", "d"))) for hash in pool.lists]  # this pair is used up
    rounds = 3000
    counts: Counter[frozenset[str]] = Counter()
    stated: dict[frozenset[str], float] = {}
    for _ in range(rounds):
        match = choose(pool, seen, leaning, rng, size=size)
        if match is None:
            assert size == 4  # c and d are in the only set
            return
        assert match.policy is Policy.DECISION_CONTRAST
        counts[frozenset(match.slots)] += 1
        stated[frozenset(match.slots)] = match.probability
    assert sum(stated.values()) == pytest.approx(1.0)
    for members, probability in stated.items():
        assert counts[members] / rounds == pytest.approx(probability, abs=5 * np.sqrt(0.25 / rounds))


def test_probability_of_three_by_hand() -> None:
    """Four systems: each pair lies in two sets. Parts: ab 6, ac 3, ad, bc, bd, cd 1, in all 13."""
    pool, rng = pool_of(1, ("a", "b", "c", "d")), np.random.default_rng(1)
    stated = {}
    for _ in range(200):
        match = choose(pool, [], leaning, rng, size=3)
        assert match is not None
        stated["".join(sorted(match.slots))] = match.probability
    parts = {"abc": 6 + 3 + 1, "abd": 6 + 1 + 1, "acd": 3 + 1 + 1, "bcd": 1 + 1 + 1}
    assert stated == pytest.approx({members: share / 2 / 13 for members, share in parts.items()})


def test_three_or_four_lists_all_differ() -> None:
    same = tuple("12345")
    orders = {"l": {"a": same, "b": (*same, "6"), "c": tuple("54321"), "d": tuple("51234")}}
    pool = make_pool(orders, {})
    drawn = {frozenset(b.slots) for seed in range(20) for b in play(pool, 1, seed=seed, size=3)}
    assert drawn == {frozenset("acd"), frozenset("bcd")}
    assert play(pool, 1, size=4) == []


def test_an_interleaved_battle_has_a_seed_and_others_none() -> None:
    rng = np.random.default_rng(1)
    merged = [choose(pool_of(2), [], uniform, rng, form=BattleForm.INTERLEAVED) for _ in range(5)]
    assert len({match.seed for match in merged if match}) == 5
    plain = choose(pool_of(2), [], uniform, rng)
    assert plain is not None
    assert plain.seed == 0


def test_a_system_that_has_ranked_only_some_lists_meets_others_there() -> None:
    tops = [tuple(order) for order in permutations("1234", 4)][:3]
    pool = make_pool({"l": {"a": tops[0], "b": tops[1]}, "m": {"a": tops[0], "b": tops[1], "c": tops[2]}}, {})
    assert {b.candidates for b in play(pool, 10) if "c" in b.slots} == {"m"}
    assert len(play(pool, 10)) == 4
