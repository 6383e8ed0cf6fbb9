"""Reasons in words; what is unknown is its own state with what to do."""

from __future__ import annotations

from core.services.choosing.choice import NOTHING, Cost, State
from core.services.choosing.feasible import judged
from core.services.choosing.limits import Axis, Limits
from core.services.choosing.pricing import PROBE
from tests.support.choices import made_model, made_system, remote_model

KNOWN = Cost(p95_ms=812.0, memory_bytes=1_240_000_000, price=0.031)
OURS = made_system("s", made_model("ours"))


def texts(cost: Cost, limits: Limits, system: object = OURS) -> tuple[State, list[str]]:
    state, reasons = judged(system, cost, limits, "EUR")  # type: ignore[arg-type]  # only what is read
    return state, [reason.text for reason in reasons]


def test_every_broken_limit_is_named_with_both_figures() -> None:
    limits = Limits(p95_ms=200, memory_mb=500, price_per_1000=0.01)
    assert texts(KNOWN, limits) == (
        State.OVER,
        ["p95 812 ms is over 200 ms", "memory 1.2 GB is over 500 MB", "price 0.031 EUR is over 0.01 EUR"],
    )


def test_at_the_limit_is_within_it() -> None:
    limits = Limits(p95_ms=812, memory_mb=1240, price_per_1000=0.031)
    assert texts(KNOWN, limits) == (State.FEASIBLE, [])
    _, (reason,) = judged(OURS, KNOWN, Limits(p95_ms=811.9), "EUR")
    assert reason.needed == 812.0


def test_unknown_is_neither_and_says_what_to_do() -> None:
    state, reasons = judged(OURS, Cost(price_unknown="Set it."), Limits(memory_mb=5, price_per_1000=1), "EUR")
    assert state is State.UNKNOWN
    assert [(reason.text, reason.todo) for reason in reasons] == [
        ("latency is not measured yet", PROBE),
        ("memory is not measured yet", PROBE),
        ("price is not known", "Set it."),
    ]


def test_a_broken_limit_outweighs_what_is_unknown_and_comes_first() -> None:
    state, reasons = judged(OURS, Cost(memory_bytes=6_000_000), Limits(memory_mb=5), "EUR")
    assert state is State.OVER
    assert [reason.text for reason in reasons] == ["memory 6 MB is over 5 MB", "latency is not measured yet"]


def test_a_cost_that_nobody_limits_nor_asks_for_may_be_unknown() -> None:
    assert texts(Cost(memory_bytes=1), Limits(axis=Axis.MEMORY))[0] is State.FEASIBLE


def test_licences_are_compared_without_case_and_an_unknown_one_is_not_allowed() -> None:
    limits = Limits(licences=("Apache-2.0", "mit"))
    assert texts(KNOWN, limits)[0] is State.FEASIBLE
    other = made_system("s", made_model("a", licence="cc-by-nc-4.0"), made_model("b", licence=""))
    assert texts(KNOWN, limits, other) == (
        State.OVER,
        ["licence of a is cc-by-nc-4.0", "licence of b is not known"],
    )
    only_unknown = made_system("s", made_model("b", licence=""))
    state, (reason,) = judged(only_unknown, KNOWN, limits, "EUR")
    assert state is State.UNKNOWN
    assert "[models.b]" in reason.todo


def test_every_model_must_have_every_language() -> None:
    limits = Limits(languages=("en", "de"))
    assert texts(KNOWN, limits) == (State.OVER, ["ours was made for en, not de"])
    wide = made_system("s", made_model("a", languages=("multilingual",)), made_model("b", languages=("de", "en")))
    assert texts(KNOWN, limits, wide)[0] is State.FEASIBLE
    assert texts(KNOWN, limits, made_system("s", made_model("c", languages=()))) == (
        State.UNKNOWN,
        ["languages of c are not known"],
    )


def test_no_reranker_is_within_every_limit() -> None:
    limits = Limits(p95_ms=0.001, memory_mb=0.001, price_per_1000=0.001, licences=("mit",), languages=("zh",))
    assert texts(NOTHING, limits, made_system("first-stage")) == (State.FEASIBLE, [])


def test_an_upper_bound_of_a_price_over_the_limit_proves_nothing() -> None:
    bound = Cost(p95_ms=1.0, price=2.0, at_most=True)
    mixed = made_system("s", made_model(), remote_model())
    assert texts(bound, Limits(price_per_1000=1.0), mixed) == (
        State.UNKNOWN,
        ["price at most 2.00 EUR is over 1.00 EUR"],
    )
    assert texts(bound, Limits(price_per_1000=2.0), mixed)[0] is State.FEASIBLE
