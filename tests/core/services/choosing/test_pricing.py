"""Prices by hand: machine time, tokens, requests."""

from __future__ import annotations

import pytest

from core.services.choosing.pricing import PROBE, SET_MACHINE, Usage, price_per_1000
from core.settings import Prices
from tests.support.choices import made_model, made_system, remote_model

HOURLY = Prices(machine_per_hour=1.8, currency="EUR")
USAGE = Usage(calls=2.0, prompt_tokens=3_000.0, generated_tokens=50.0)


def test_machine_time() -> None:
    # 1,000 queries of 20 ms take 20 s; 1.8 per hour is 0.0005 per second.
    found = price_per_1000(made_system("s", made_model()), 20.0, Usage(), HOURLY)
    assert found.amount == pytest.approx(0.01)
    assert not found.at_most


def test_tokens_and_requests_of_a_remote_model() -> None:
    model = remote_model(per_million_prompt_tokens=2.0, per_million_generated_tokens=8.0, per_1000_requests=1.5)
    found = price_per_1000(made_system("s", model), 1_000.0, USAGE, HOURLY)
    # 3 million prompt tokens 6, 50,000 generated 0.4, 2,000 requests 3, 1,000 s of the machine 0.5
    assert found.amount == pytest.approx(6.0 + 0.4 + 3.0 + 0.5)
    assert not found.at_most


def test_a_machine_that_is_there_anyway_costs_nothing() -> None:
    assert price_per_1000(made_system("s", made_model()), 20.0, Usage(), Prices(machine_per_hour=0.0)).amount == 0.0


def test_of_models_that_charge_differently_only_a_bound_is_known() -> None:
    cheap, dear = remote_model("a", per_1000_requests=1.0), remote_model("b", per_1000_requests=4.0)
    free = Prices(machine_per_hour=0.0)
    found = price_per_1000(made_system("s", cheap, dear), 1.0, USAGE, free)
    assert (found.amount, found.at_most) == (8.0, True)
    assert price_per_1000(made_system("s", cheap, made_model()), 1.0, USAGE, free).at_most
    same = remote_model("c", per_1000_requests=1.0)
    assert not price_per_1000(made_system("s", cheap, same), 1.0, USAGE, free).at_most


def test_what_is_missing_is_said() -> None:
    local = made_system("s", made_model())
    assert price_per_1000(local, 20.0, USAGE, Prices()).unknown == SET_MACHINE
    assert price_per_1000(local, None, USAGE, HOURLY).unknown == PROBE
    unpriced = price_per_1000(made_system("s", remote_model("far")), 20.0, USAGE, HOURLY)
    assert unpriced.amount is None
    assert "[endpoints.far]" in unpriced.unknown
    by_token = remote_model("far", per_million_prompt_tokens=1.0)
    silent = price_per_1000(made_system("s", by_token), 20.0, Usage(calls=1.0), HOURLY)
    assert "reports none" in silent.unknown
