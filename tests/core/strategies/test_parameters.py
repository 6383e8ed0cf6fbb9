"""Typed parameters read from dataclass fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.strategies.base import StrategyInfo, parameter
from core.strategies.parameters import Parameter, format_value, parameters_of
from tests.support.strategy_stub import Unmoved, dataclass


@dataclass(frozen=True, kw_only=True)
class Every(Unmoved):
    """One parameter of every kind."""

    share: float = parameter(0.5, help="A share.", minimum=0, maximum=1)
    deep: bool = parameter(False, help="Whether deep.")
    how: str = parameter("fast", help="How.", choices=("fast", "slow"))
    least: int = parameter(3, help="At least.", minimum=1)


@dataclass(frozen=True, kw_only=True)
class Odd(Unmoved):
    """A field that can be no parameter."""

    names: tuple[str, ...] = ()


def info_of(type_):
    return StrategyInfo(name="every", version=1, family="pointwise", title="Every", type=type_)


BY_NAME = {parameter.name: parameter for parameter in parameters_of(info_of(Every))}


def test_fields_become_parameters():
    assert list(BY_NAME) == ["deep", "how", "least", "share"]
    assert BY_NAME["share"] == Parameter(
        name="share", kind=float, default=0.5, help="A share.", minimum=0, maximum=1, choices=()
    )
    assert BY_NAME["how"].allowed == "one of fast, slow"
    assert BY_NAME["least"].allowed == "a whole number, 1 or more"
    assert BY_NAME["share"].allowed == "a number from 0 to 1"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("share", "1", 1.0),
        ("share", " .25 ", 0.25),
        ("deep", "True", True),
        ("deep", "false", False),
        ("how", "slow", "slow"),
        ("least", "1", 1),
    ],
)
def test_reads_values(name, text, value):
    read = BY_NAME[name].read(text, "every")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("share", "1.01"), ("share", "nan"), ("share", "inf"), ("share", ""), ("deep", "1"), ("how", "Fast"),
     ("least", "0"), ("least", "2.0"), ("least", "²")],
)  # fmt: skip
def test_refuses_values(name, text):
    with pytest.raises(InvalidInputError, match="must be"):
        BY_NAME[name].read(text, "every")


def test_a_field_that_is_no_parameter_is_refused():
    with pytest.raises(InvalidInputError, match="'names'"):
        parameters_of(info_of(Odd))


@given(st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_written_values_read_back(value):
    whole = Parameter(name="p", kind=type(value), default=value)
    read = whole.read(format_value(value), "x")
    assert read == value
    assert type(read) is type(value)


def test_whole_floats_are_written_short():
    assert format_value(60.0) == "60"
    assert format_value(0.1) == "0.1"
