"""What strategies promise, held against perfect judges: more sizes and more hidden orders than the contract suite."""

from dataclasses import dataclass, replace

import pytest

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.strategies.about import About, Promise
from core.strategies.base import StrategyInfo, parameter, registered
from core.strategies.contract import check, members_of, sample_candidates
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge
from tests.core.strategies.test_contract import SLOT, Scores
from tests.support.judges import ideal

SIZES = (1, 2, 3, 5, 10, 11, 19, 20, 21, 25, 31)  # windows of 20 every 10, the best 10, groups of 4, 5 and 20
LONG = 100
MOST_CALLS = 600  # for one long list
PROMISING = sorted(
    name
    for name, info in registered().items()
    if info.type.__module__.startswith("core.strategies.") and info.about.promise is not Promise.NOTHING
)


def made(name):
    info = registered()[name]
    return info.type(**({"members": members_of(info)} if info.members else {}))


def kept(name, lists, seed):
    """Whether the strategy gives what it promises."""
    strategy, judge = made(name), PerfectJudge(seed=seed)
    best = ideal(lists, judge)
    count = strategy.k if registered()[name].about.promise is Promise.TOP else len(best)
    return drive(strategy, lists, judge).outcome.order[:count] == best[:count]


def test_most_strategies_promise_something():
    assert {"prp-all-pair", "setwise-heap", "full-list", "listt5", "icr", "kemeny", "cascade"} <= set(PROMISING)


@pytest.mark.parametrize("name", PROMISING)
def test_a_perfect_judge_gets_what_is_promised(name):
    for size in SIZES:
        lists = sample_candidates(size)
        scored = replace(lists, first_stage_scores=tuple(float(size - position) for position in range(size)))
        assert kept(name, lists, seed=size + 1), size
        assert kept(name, scored, seed=size + 2), f"{size} with first-stage scores"


@pytest.mark.parametrize("name", [name for name in PROMISING if made(name).forecast(LONG) <= MOST_CALLS])
def test_so_it_is_with_long_lists_where_that_is_cheap(name):
    assert kept(name, sample_candidates(LONG), seed=3)


class Backwards(Scores):
    """Sorts from worst to best. Formula: -s. Cost: N. Paper: none."""

    def outcome(self, scores):
        return super().outcome([-score for score in scores])


@dataclass(frozen=True, kw_only=True)
class Shifted(Scores):
    """Puts the third best first. Formula: none. Cost: N. Paper: none."""

    k: int = parameter(2, help="How many are promised.")

    def outcome(self, scores):
        best = super().outcome(scores)
        return replace(best, order=(*best.order[2:3], *best.order[:2], *best.order[3:]), scores=None)


@pytest.mark.parametrize(
    ("type_", "promise", "broken"),
    [
        (Scores, Promise.ORDER, False),
        (Backwards, Promise.ORDER, True),
        (Backwards, Promise.NOTHING, False),
        (Shifted, Promise.TOP, True),
    ],
)
def test_the_contract_finds_a_broken_promise(type_, promise, broken):
    info = StrategyInfo(
        type=type_,
        name="tried",
        version=1,
        family="pointwise",
        title="Tried",
        slots=SLOT,
        about=About(promise=promise),
    )
    assert ("promise" in {finding.rule for finding in check(info)}) == broken
