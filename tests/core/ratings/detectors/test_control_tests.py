"""Flags from control battles."""

from itertools import product

import numpy as np
import pytest

from core.domain.voting import Control
from core.ratings.detectors.controls import POINTS, missed_flags, points_tail, side_flags, tally
from core.ratings.detectors.evidence import gold, same_system, swapped
from core.ratings.detectors.flags import Family, FlagKind
from core.ratings.detectors.habits import Habit, beta_binomial

LEAN = Habit(mean=0.5, rho=0.01)


def test_what_a_voter_who_looks_says() -> None:
    assert gold("v", 1.0, best_left=True).right
    assert not gold("v", 0.5, best_left=True).right
    assert swapped("v", 0.0, first=1.0).right  # the same winner, now on the right
    assert not swapped("v", 1.0, first=1.0).right
    assert swapped("v", 0.5, first=0.5).right
    assert same_system("v", 0.5).right
    assert not same_system("v", 0.0).right


def test_tally_by_hand() -> None:
    found = tally(
        [
            gold("a", 0.0, best_left=True),
            gold("a", 1.0, best_left=True),
            swapped("a", 1.0, first=1.0),  # left twice
            swapped("a", 1.0, first=0.5),  # not as before, yet not one side twice
            swapped("b", 0.0, first=0.0),  # right twice
            same_system("b", 1.0),
            same_system("b", 0.5),
        ],
        ["a", "b", "c"],
    )
    assert found.trials.tolist() == [[2, 1, 1, 0], [0, 1, 0, 2], [0, 0, 0, 0]]
    assert found.missed.tolist() == [[1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]
    assert found.sided.tolist() == [1, 2, 0]
    assert found.left.tolist() == [1, 1, 0]


def test_points_have_the_convolution_of_their_counts() -> None:
    habits = [Habit(mean=0.1, rho=0.05), Habit(mean=0.25, rho=0.02), Habit(mean=0.4, rho=0.2), Habit(mean=0.3, rho=0.1)]
    trials = (3, 4, 2, 2)
    masses = [beta_binomial(count, habit) for count, habit in zip(trials, habits, strict=True)]
    expected = np.zeros(3 * 3 + 4 * 2 + 2 + 2 * 2 + 1)
    for counts in product(range(4), range(5), range(3), range(3)):
        points = sum(count * worth for count, worth in zip(counts, POINTS, strict=True))
        expected[: points + 1] += np.prod([mass[count] for mass, count in zip(masses, counts, strict=True)])
    assert points_tail(trials, habits) == pytest.approx(expected)


def crowd(rng: np.random.Generator, voters: int) -> list:
    """Voters who look: nine of ten gold battles right, four of five repeats as before."""
    records = []
    for voter in range(voters):
        records += [gold(f"v{voter:03d}", float(rng.random() < 0.9), best_left=True) for _ in range(5)]
        records += [swapped(f"v{voter:03d}", float(rng.random() < 0.8), first=0.0) for _ in range(10)]
    return records


def test_who_answers_as_a_coin_is_flagged() -> None:
    rng = np.random.default_rng(1)
    records = crowd(rng, 100)
    records += [gold("zoe", float(i < 2), best_left=True) for i in range(5)]
    records += [swapped("zoe", float(i < 4), first=0.0) for i in range(10)]
    names = sorted({record.voter for record in records})
    found = tally(records, names)
    (flag,) = missed_flags(found, np.ones(len(names), dtype=bool), names, 0.002)
    assert (flag.voter, flag.kind, flag.family) == ("zoe", FlagKind.CONTROLS_MISSED, Family.CONTROLS)
    assert (flag.observed, flag.trials) == (9.0, 15)
    assert flag.sentence.startswith("3 of 5 gold battles wrong, 6 of 10 repeats with the other winner; about ")


def test_few_controls_are_no_flag() -> None:
    records = [gold("v", 0.0, best_left=True), swapped("v", 1.0, first=1.0), same_system("v", 1.0)]
    found = tally(records, ["v"])
    assert missed_flags(found, np.ones(1, dtype=bool), ["v"], 0.002) == []
    assert side_flags(found, LEAN, ["v"], 0.002) == []


@pytest.mark.parametrize(("share", "side"), [(1.0, "left"), (0.0, "right")])
def test_one_side_where_only_the_side_is_left_to_decide(share: float, side: str) -> None:
    records = [swapped("v", share, first=share) for _ in range(12)] + [same_system("v", share) for _ in range(4)]
    (flag,) = side_flags(tally(records, ["v"]), LEAN, ["v"], 0.002)
    assert (flag.kind, flag.observed, flag.trials) == (FlagKind.CONTROLS_SIDE, 16, 16)
    assert f"16 went to the {side}" in flag.sentence


def test_gold_battles_say_nothing_of_sides() -> None:
    records = [gold("v", 1.0, best_left=False) for _ in range(30)]
    assert tally(records, ["v"]).sided.tolist() == [0]
    assert records[0].control is Control.GOLD
