"""Predictions: the pace of a model is what its rankings have cost, and the time follows from it."""

import pytest

from core.domain.rankings import ExecutedCost, LogicalCost
from core.services.predictions import HEAD, MOST_CALLS, Pace, dry_run, fitted, seconds_of
from core.strategies.dry_run import Load
from core.strategies.resolve import forecast, resolve
from tests.support.judges import candidates, find_model


def cost(prompt: int, written: int, seconds: float, *, calls: int = 10, hits: int = 0):
    logical = LogicalCost(calls=calls, prompt_tokens=prompt, generated_tokens=written)
    return logical, ExecutedCost(seconds=seconds, calls=calls - hits, cache_hits=hits)


def test_without_writing_the_pace_is_the_ratio():
    assert fitted([cost(1000, 0, 2.0), cost(3000, 0, 6.0)]) == Pace(
        per_prompt_token=0.002, per_written_token=None, rankings=2
    )


def test_reading_and_writing_are_told_apart():
    found = fitted([cost(1000, 10, 1.0 + 0.5), cost(2000, 100, 2.0 + 5.0), cost(500, 0, 0.5)])
    assert found.per_prompt_token == pytest.approx(0.001)
    assert found.per_written_token == pytest.approx(0.05)


def test_no_pace_is_negative():
    more_written_but_quicker = [cost(1000, 10, 2.0), cost(1000, 100, 1.0), cost(2000, 0, 4.2)]
    found = fitted(more_written_but_quicker)
    assert (found.per_prompt_token, found.per_written_token) == (pytest.approx(7.2 / 4000), 0.0)
    only_writing = [cost(10_000, 10, 0.1), cost(10, 1000, 10.0)]
    assert fitted(only_writing).per_prompt_token >= 0


def test_what_came_from_the_cache_is_not_measured():
    assert fitted([cost(1000, 0, 0.1, hits=9)]) is None
    assert fitted([]) is None
    assert fitted([cost(1000, 0, 0.1, hits=9), cost(1000, 0, 2.0)]).per_prompt_token == pytest.approx(0.002)


def test_time_is_unknown_where_a_model_was_never_seen_to_write():
    pace = Pace(per_prompt_token=0.001, per_written_token=None, rankings=1)
    assert seconds_of(pace, Load(calls=1, characters=4000)) == pytest.approx(1.0)
    assert seconds_of(pace, Load(calls=1, characters=4000, most_generated=5)) is None
    assert seconds_of(None, Load(calls=1)) is None


def test_a_ranking_of_very_many_calls_is_reckoned_from_the_head_of_the_list():
    system = resolve("prp-bubble", find_model)
    calls = forecast(system, 300)
    assert calls > MOST_CALLS
    found = dry_run(system, candidates(300))
    assert found.total.calls == pytest.approx(calls, rel=0.01)
    head = dry_run(system, candidates(HEAD))
    assert found.total.characters / found.total.calls == pytest.approx(
        head.total.characters / head.total.calls, rel=0.01
    )
    assert found.most
    assert not head.most
