"""Who is recommended: the cheapest of those that cannot be told apart from the best feasible system."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.services.choosing.choice import NO_RERANKER, Cost, Option, State
from core.services.choosing.limits import Axis, Limits
from core.services.choosing.recommending import make_options, recommend
from tests.support.choices import made_evidence, made_option

Apart = Callable[[str, str], bool]


def apart_by(least: float, means: dict[str, float]) -> Apart:
    return lambda first, second: abs(means[first] - means[second]) >= least


def chosen(options: tuple[Option, ...]) -> list[str]:
    return [option.spec for option in options if option.recommended]


def test_the_cheapest_of_those_alike() -> None:
    means = {"a": 0.50, "b": 0.49, "c": 0.48, "d": 0.40}
    options = [made_option(spec, mean, p95) for (spec, mean), p95 in zip(means.items(), (90, 30, 40, 1), strict=True)]
    found = recommend(options, apart_by(0.05, means), Axis.LATENCY)
    assert chosen(found) == ["b"]
    assert [(option.spec, option.alike, option.front) for option in found] == [
        ("a", True, True),
        ("b", True, True),
        ("c", True, False),
        ("d", False, True),
    ]


def test_what_is_not_feasible_is_never_alike_nor_on_the_front() -> None:
    means = {"a": 0.50, "b": 0.49, "c": 0.48}
    options = [
        made_option("a", 0.50, 5.0, State.OVER),
        made_option("b", 0.49, None, State.UNKNOWN),
        made_option("c", 0.48, 10.0),
    ]
    found = recommend(options, apart_by(1.0, means), Axis.LATENCY)
    assert chosen(found) == ["c"]
    assert [(option.front, option.alike) for option in found] == [(False, False), (False, False), (True, True)]


def test_of_equally_cheap_ones_the_better_then_the_first_by_name() -> None:
    means = {"z": 0.50, "y": 0.50, "x": 0.49}
    options = [made_option(spec, mean, 7.0) for spec, mean in means.items()]
    found = recommend(options, apart_by(1.0, means), Axis.LATENCY)
    assert chosen(found) == ["y"]
    assert [option.front for option in found] == [True, True, False]


def test_without_feasible_systems_nobody_is_recommended() -> None:
    found = recommend([made_option("a", 0.5, 5.0, State.OVER)], lambda _first, _second: False, Axis.LATENCY)
    assert chosen(found) == []


def test_a_tie_that_is_no_equality_goes_by_the_real_tests() -> None:
    # "good" is better on every query, "noise" only on average: twelve queries do not show it.
    base = [0.2, 0.4, 0.3, 0.5, 0.1, 0.6, 0.2, 0.3, 0.4, 0.2, 0.5, 0.3]
    noise = [value + step for value, step in zip(base, [0.3, -0.28] * 6, strict=True)]
    evidence = made_evidence({NO_RERANKER: base, "noise": noise, "good": [value + 0.2 for value in base]})
    costs = {"noise": Cost(p95_ms=1.0, memory_bytes=1), "good": Cost(p95_ms=50.0, memory_bytes=1)}
    assert evidence.apart("good", NO_RERANKER)
    assert not evidence.apart("noise", NO_RERANKER)
    assert not evidence.apart("good", "noise")
    both = make_options(evidence, costs, Limits())
    assert chosen(both) == ["noise"]  # "no reranker" is cheaper, but known to be worse than the best
    without = make_options(evidence, costs, Limits(p95_ms=10.0))
    assert chosen(without) == [NO_RERANKER]


def test_a_system_without_cost_on_the_axis_is_unknown_not_free() -> None:
    evidence = made_evidence({NO_RERANKER: [0.1, 0.2, 0.1], "a": [0.9, 0.8, 0.9]})
    found = make_options(evidence, {}, Limits())
    assert {option.spec: option.state for option in found} == {NO_RERANKER: State.FEASIBLE, "a": State.UNKNOWN}
    assert chosen(found) == [NO_RERANKER]


COST = st.one_of(st.none(), st.integers(1, 9).map(float))
SYSTEMS = st.lists(st.tuples(st.integers(0, 5), COST, COST), min_size=1, max_size=7)
LIMIT = st.one_of(st.none(), st.integers(1, 9).map(float))


def options_of(systems: list[tuple[int, float | None, float | None]], limits: Limits) -> tuple[Option, ...]:
    values = {f"s{i}": [quality / 10, quality / 10 + 0.01] for i, (quality, _, _) in enumerate(systems)}
    costs = {
        f"s{i}": Cost(p95_ms=p95, memory_bytes=None if memory is None else int(memory * 1e6))
        for i, (_, p95, memory) in enumerate(systems)
    }
    evidence = made_evidence({**values, NO_RERANKER: [0.1, 0.11]}, tested=False)
    return make_options(evidence, costs, limits)


@given(SYSTEMS, LIMIT, LIMIT, st.sampled_from([Axis.LATENCY, Axis.MEMORY]))
def test_the_recommended_is_feasible_and_as_cheap_as_any_alike(
    systems: list[tuple[int, float | None, float | None]], p95: float | None, memory: float | None, axis: Axis
) -> None:
    found = options_of(systems, Limits(p95_ms=p95, memory_mb=memory, axis=axis))
    (answer,) = (option for option in found if option.recommended)
    assert answer.state is State.FEASIBLE
    assert answer.alike
    alike = [option.cost.on(axis) for option in found if option.alike]
    assert answer.cost.on(axis) == min(cost for cost in alike if cost is not None)
    assert all(option.state is State.FEASIBLE for option in found if option.front or option.alike)


@given(SYSTEMS, LIMIT, st.integers(1, 9).map(float), st.floats(0.1, 1.0))
def test_tightening_a_limit_never_adds_a_feasible_system(
    systems: list[tuple[int, float | None, float | None]], memory: float | None, p95: float, share: float
) -> None:
    def feasible(limits: Limits) -> set[str]:
        return {option.spec for option in options_of(systems, limits) if option.state is State.FEASIBLE}

    loose = feasible(Limits(memory_mb=memory))
    wide = feasible(Limits(memory_mb=memory, p95_ms=p95))
    tight = feasible(Limits(memory_mb=memory, p95_ms=p95 * share))
    assert tight <= wide <= loose
    assert NO_RERANKER in tight


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_a_limit_that_is_no_amount_is_refused(value: float) -> None:
    with pytest.raises(InvalidInputError, match="must be above zero"):
        Limits(memory_mb=value)
