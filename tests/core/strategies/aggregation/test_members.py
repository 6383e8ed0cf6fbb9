"""Strategies over one system, and calls forecast for members that rank more than the list once."""

import pytest

from core.domain.errors import InvalidInputError
from core.strategies.base import registered
from core.strategies.forecasts import given_lists
from core.strategies.resolve import build, forecast, resolve
from tests.support.judges import PerfectJudge, candidates, drive, find_model

ONE_MEMBER = ("self-consistency", "relevance-threshold")


@pytest.mark.parametrize("name", ONE_MEMBER)
def test_one_system_is_enough_and_the_most(name):
    assert resolve(f"{name}?of=(bm25)", find_model).spec == f"{name}?of=(bm25)"
    with pytest.raises(InvalidInputError, match=rf"{name} needs another system, for example {name}\?of=\(bm25\)"):
        resolve(name, find_model)
    with pytest.raises(InvalidInputError, match=f"{name} takes one system, not 2"):
        resolve(f"{name}?of=(bm25,maxsim)", find_model)


@pytest.mark.parametrize("name", ["borda", "kemeny", "rrf", "score-fusion"])
def test_fusions_take_two_systems_or_more(name):
    assert len(resolve(f"{name}?of=(bm25,maxsim,bi-encoder)", find_model).members) == 3
    with pytest.raises(InvalidInputError, match=f"{name} combines at least 2 systems"):
        resolve(f"{name}?of=(bm25)", find_model)


def test_calls_of_a_repeated_member_are_forecast_as_they_are_made():
    """Of pairwise-path every shuffle of 6 documents costs 30 calls."""
    system = resolve("self-consistency?of=(pairwise-path)&shuffles=5", find_model)
    assert forecast(system, 6) == 5 * 30
    driven = drive(build(system), candidates(6), PerfectJudge())
    member = build(system.members[0])
    calls = sum(drive(member, request.candidates, PerfectJudge()).calls for request in driven.requests)
    assert calls == 5 * 30


def test_calls_over_examples_are_forecast():
    system = resolve("score-fusion?calibration=platt&depth=5&examples=3&of=(bm25,bi-encoder)", find_model)
    assert forecast(system, 10) == (1 + 3) + (11 + 3 * 6)  # one call a list, and one per document and query
    assert forecast(resolve("score-fusion?of=(bm25,bi-encoder)", find_model), 10) == 1 + 11


def test_nested_systems_multiply():
    system = resolve("self-consistency?of=((cascade?keep=4&of=(bm25,pairwise-path)))&shuffles=3", find_model)
    assert forecast(system, 9) == 3 * (1 + 4 * 3)


def test_every_strategy_of_members_says_what_they_are_given():
    for info in registered().values():
        if info.members:
            strategy = info.type(members=info.most_members or info.least_members)
            for member in range(strategy.members):
                assert all(isinstance(size, int) and size >= 0 for size in given_lists(strategy, member, 12))
