"""All detectors together."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.ratings.detectors.evidence import Evidence, gold, swapped, unmeasured
from core.ratings.detectors.flags import Family, FlagKind
from core.ratings.detectors.inspection import Rules, inspect
from core.ratings.outcomes import Outcomes, build
from tests.support.battle_logs import names

HONEST = 60
STRENGTHS = np.linspace(1.2, -1.2, 6)


def crowd(seed: int, voters: int = HONEST, each: int = 80, k: int = 6) -> Outcomes:
    """Honest voters of some taste, a fifth of ties."""
    rng = np.random.default_rng(seed)
    seen = STRENGTHS[:k] + 0.3 * rng.normal(size=(voters, k))
    voter = np.repeat(np.arange(voters), each)
    left = rng.integers(k, size=len(voter))
    right = (left + rng.integers(1, k, size=len(voter))) % k
    won = rng.random(len(voter)) < 1 / (1 + np.exp(seen[voter, right] - seen[voter, left]))
    return Outcomes(
        systems=names("s", k),
        left=left,
        right=right,
        share=np.where(rng.random(len(voter)) < 0.2, 0.5, won.astype(float)),
        voters=names("v", voters),
        voter=voter,
        queries=("q",),
        query=np.zeros(len(voter), dtype=np.int64),
    )


def played(outcomes: Outcomes, voter: int, how: str) -> Outcomes:
    """The same log in which one voter does not look."""
    rng = np.random.default_rng(9)
    own = outcomes.voter == voter
    worst = len(outcomes.systems) - 1
    pushed = np.where(outcomes.left == worst, 1.0, np.where(outcomes.right == worst, 0.0, outcomes.share))
    ways = {
        "left": np.ones(len(outcomes)),
        "right": np.zeros(len(outcomes)),
        "mostly left": (rng.random(len(outcomes)) < 0.85).astype(float),
        "tie": np.full(len(outcomes), 0.5),
        "push": pushed,
        "turned": 1.0 - outcomes.share,
    }
    return replace(outcomes, share=np.where(own, ways[how], outcomes.share))


def flags_of(outcomes: Outcomes, voter: int) -> set[FlagKind]:
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    return {flag.kind for flag in found.flags if flag.voter == outcomes.voters[voter]}


def test_an_honest_crowd_is_not_flagged() -> None:
    outcomes = crowd(1)
    found = inspect(Evidence(outcomes=outcomes, seconds=np.full(len(outcomes), 12.0)))
    assert found.flags == ()
    assert found.rounds == 1
    assert [summary.voter for summary in found.voters] == list(outcomes.voters)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("left", FlagKind.ONE_SIDE),
        ("right", FlagKind.ONE_SIDE),
        ("mostly left", FlagKind.SIDE),
        ("tie", FlagKind.ALWAYS_TIE),
        ("push", FlagKind.TARGETED),
        ("turned", FlagKind.NO_INFORMATION),
    ],
)
def test_who_does_not_look_is_flagged_alone(how: str, kind: FlagKind) -> None:
    outcomes = played(crowd(2), 7, how)
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    assert found.flagged() == {"v0007"}
    assert kind in {flag.kind for flag in found.flags}
    assert found.rounds == 2


def test_a_pushed_system_is_named_with_figures() -> None:
    outcomes = played(crowd(2), 7, "push")
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    flag = next(flag for flag in found.flags if flag.kind is FlagKind.TARGETED)
    met = ((outcomes.left == 5) | (outcomes.right == 5)) & (outcomes.voter == 7)
    assert (flag.system, flag.observed, flag.trials) == ("s0005", met.sum(), met.sum())
    assert flag.expected < 0.4 * flag.trials
    assert flag.sentence.startswith("Votes for s0005: it won ")
    assert flag.family is Family.DISAGREEMENT
    assert found.flagged(Family.BEHAVIOUR) == frozenset()


def test_too_fast_is_an_absolute_rule() -> None:
    outcomes = crowd(3)
    seconds = np.where(outcomes.voter == 4, 1.5, 10.0)
    found = inspect(Evidence(outcomes=outcomes, seconds=seconds))
    (flag,) = found.flags
    assert (flag.voter, flag.kind, flag.observed, flag.trials) == ("v0004", FlagKind.TOO_FAST, 80, 80)
    assert flag.sentence == "80 of 80 votes came within 3 s."
    everybody = inspect(Evidence(outcomes=outcomes, seconds=np.full(len(outcomes), 1.5)))
    assert len(everybody.flagged(Family.BEHAVIOUR)) == HONEST
    nobody = inspect(Evidence(outcomes=outcomes, seconds=seconds), Rules(hurried_s=1.0))
    assert nobody.flags == ()


def test_many_cheats_do_not_hide_one_another() -> None:
    outcomes = crowd(4)
    for voter in range(12):
        outcomes = played(outcomes, voter, "left")
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    assert found.flagged(Family.BEHAVIOUR) == set(outcomes.voters[:12])


@pytest.mark.parametrize("voters", [1, 3, 5])
@pytest.mark.parametrize("each", [1, 3, 10, 60])
def test_few_honest_voters_are_not_flagged(voters: int, each: int) -> None:
    for seed in range(5):
        outcomes = crowd(seed, voters=voters, each=each)
        assert inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes))).flags == ()


def test_seven_votes_for_one_side_are_too_few_and_seventy_are_not() -> None:
    for each, flagged in ((7, False), (70, True)):
        outcomes = played(crowd(5, voters=1, each=each), 0, "left")
        assert (FlagKind.ONE_SIDE in flags_of(outcomes, 0)) is flagged


def test_no_votes_at_all() -> None:
    empty = build(left=[], right=[], share=[], voter=[], query=[])
    found = inspect(Evidence(outcomes=empty, seconds=np.empty(0)))
    assert (found.flags, found.voters) == ((), ())


def test_sides_swapped_in_every_battle_change_only_the_side() -> None:
    outcomes = played(crowd(6), 7, "left")
    mirrored = replace(outcomes, left=outcomes.right, right=outcomes.left, share=1.0 - outcomes.share)
    one, other = (inspect(Evidence(outcomes=log, seconds=unmeasured(log))) for log in (outcomes, mirrored))
    assert [flag.kind for flag in one.flags] == [flag.kind for flag in other.flags]
    assert [flag.p_value for flag in one.flags] == pytest.approx([flag.p_value for flag in other.flags], rel=1e-6)
    assert "left side" in one.flags[0].sentence
    assert "right side" in other.flags[0].sentence


def test_the_order_of_the_log_does_not_matter() -> None:
    outcomes = played(crowd(7), 7, "push")
    shuffled = outcomes.where(np.ones(len(outcomes), dtype=bool))
    order = np.random.default_rng(0).permutation(len(outcomes))
    shuffled = replace(
        outcomes,
        left=outcomes.left[order],
        right=outcomes.right[order],
        share=outcomes.share[order],
        voter=outcomes.voter[order],
        vote=outcomes.vote[order],
    )
    one, other = (inspect(Evidence(outcomes=log, seconds=unmeasured(log))) for log in (outcomes, shuffled))
    assert [(flag.voter, flag.kind) for flag in one.flags] == [(flag.voter, flag.kind) for flag in other.flags]
    assert [flag.p_value for flag in one.flags] == pytest.approx([flag.p_value for flag in other.flags], rel=1e-6)


def test_battles_without_sides_say_nothing_of_sides() -> None:
    outcomes = played(crowd(8), 7, "left")
    interleaved = replace(outcomes, slot=np.zeros(len(outcomes), dtype=np.int64))
    assert FlagKind.ONE_SIDE not in flags_of(interleaved, 7)
    assert math.isnan(inspect(Evidence(outcomes=interleaved, seconds=unmeasured(interleaved))).voters[7].left_share)


def test_figures_of_a_voter_by_hand() -> None:
    outcomes = build(
        left=["a", "b", "a", "a"],
        right=["b", "a", "b", "b"],
        share=[1.0, 0.0, 0.5, 1.0],
        voter=["v", "v", "v", "w"],
        query=["q"] * 4,
    )
    controls = (
        gold("v", 1.0, best_left=True),
        gold("v", 0.0, best_left=True),
        swapped("v", 0.0, first=1.0),
        gold("x", 1.0, best_left=True),
    )
    found = inspect(Evidence(outcomes=outcomes, seconds=np.array([4.0, 10.0, 5.0, np.nan]), controls=controls))
    v, w, x = found.voters
    assert (v.voter, v.votes, v.left_share, v.median_seconds) == ("v", 3, 0.5, 5.0)
    assert v.tie_share == pytest.approx(1 / 3)
    assert (v.gold_right, v.gold_total, v.repeats_consistent, v.repeats_total, v.same_total) == (1, 2, 1, 1, 0)
    assert v.agreement == 1.0  # w preferred a as well
    assert 0.5 < v.expected_agreement < 1.0
    assert (w.votes, w.gold_total) == (1, 0)
    assert math.isnan(w.median_seconds)
    assert (x.voter, x.votes, x.gold_right) == ("x", 0, 1)
    assert math.isnan(x.agreement)
    assert math.isnan(x.tie_share)


def test_a_vote_over_three_systems_is_one_vote() -> None:
    outcomes = build(
        left=["a", "a", "b"], right=["b", "c", "c"], share=[1.0, 1.0, 1.0], voter=["v"] * 3, query=["q"] * 3
    )
    outcomes = replace(outcomes, vote=np.zeros(3, dtype=np.int64))
    (summary,) = inspect(Evidence(outcomes=outcomes, seconds=np.full(3, 8.0))).voters
    assert (summary.votes, summary.median_seconds) == (1, 8.0)


def test_seconds_must_fit_the_outcomes() -> None:
    outcomes = crowd(1, voters=1, each=3)
    with pytest.raises(InvalidInputError, match="3 comparisons need as many seconds, not 2"):
        Evidence(outcomes=outcomes, seconds=np.ones(2))
