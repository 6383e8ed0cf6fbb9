"""Which control battles can be made, from a voter's past and from labels."""

from collections import Counter

import numpy as np
import pytest

from core.domain.voting import GOLD_BEST, GOLD_WORST, Battle, BattleForm, BattleState, Control
from core.services.battles.control_battles import APART, same_system, swapped_repeat
from core.services.battles.gold import gold_orders, telling
from core.services.battles.pool import make_pool
from tests.support.battles import a_battle

RNG = np.random.default_rng


def past(*battles: Battle, then: int = APART) -> list[Battle]:
    """These battles and ``then`` skipped ones after them."""
    return [*battles, *(a_battle(f"later{n}", state=BattleState.SKIPPED) for n in range(then))]


def test_a_repeat_is_the_same_battle_with_sides_exchanged() -> None:
    match = swapped_repeat(past(a_battle("first", slots=("x", "y"))), "", RNG(1))
    assert match is not None
    assert (match.slots, match.candidates, match.repeats) == (("y", "x"), "list", "first")
    assert match.control is Control.SWAPPED


def test_a_repeat_comes_five_battles_later_at_the_earliest() -> None:
    assert swapped_repeat(past(a_battle("first"), then=4), "", RNG(1)) is None
    assert swapped_repeat(past(a_battle("first"), then=5), "", RNG(1)) is not None


@pytest.mark.parametrize(
    "battle",
    [
        a_battle(state=BattleState.RETIRED),
        a_battle(state=BattleState.SKIPPED),
        a_battle(state=BattleState.EXPIRED),
        a_battle(control=Control.SAME_SYSTEM),
        a_battle(control=Control.SWAPPED, repeats="another"),
        a_battle(form=BattleForm.INTERLEAVED),
        a_battle(slots=("x", "y", "z"), form=BattleForm.BEST_TO_WORST),
    ],
)
def test_what_is_never_repeated(battle: Battle) -> None:
    assert swapped_repeat(past(battle), "", RNG(1)) is None


def test_a_battle_is_repeated_once() -> None:
    repeat = a_battle("again", control=Control.SWAPPED, repeats="first", state=BattleState.SKIPPED)
    assert swapped_repeat(past(a_battle("first"), repeat), "", RNG(1)) is None


def test_a_repeat_stays_within_the_category() -> None:
    seen = past(a_battle("odd", category="odd"), a_battle("even", category="even"))
    drawn = {match.repeats for seed in range(20) if (match := swapped_repeat(seen, "odd", RNG(seed)))}
    assert drawn == {"odd"}


def test_the_same_system_twice_on_a_list_new_to_the_voter() -> None:
    order = tuple("123456")
    orders = {"list": {"x": order}, "new": {"x": order, "y": order}, "odd": {"y": order}}
    pool = make_pool(orders, {"odd": "odd"})
    rng = RNG(5)
    drawn = Counter(same_system(pool, [a_battle()], "", rng) for _ in range(300))
    assert {(match.candidates, match.slots) for match in drawn if match} == {
        ("new", ("x", "x")),
        ("new", ("y", "y")),
        ("odd", ("y", "y")),
    }
    assert min(drawn.values()) > 60  # 100 expected
    assert all(match and match.control is Control.SAME_SYSTEM for match in drawn)
    assert same_system(pool, [a_battle()], "even", rng) is None


def test_gold_orders_by_grade_then_first_stage() -> None:
    made = gold_orders(("a", "b", "c", "d"), {"c": 2, "b": 1, "d": 1, "elsewhere": 3})
    assert made == {GOLD_BEST: ("c", "b", "d", "a"), GOLD_WORST: ("a", "d", "b", "c")}


def test_gold_needs_labels_that_make_a_difference_at_the_top() -> None:
    candidates = tuple("abcdefgh")
    assert telling(candidates, {"g": 2})
    assert not telling(candidates, {})
    assert not telling(candidates, {"g": 0})
    assert not telling(candidates, dict.fromkeys(candidates, 1))  # all alike: turned round just as good
    assert not telling(candidates, {"a": 1, **{f"missing{n}": 2 for n in range(9)}})  # the best is not good either
