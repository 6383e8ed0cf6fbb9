"""Parameters of a strategy, read from its dataclass fields: type, default, range, choices and help."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from typing import get_type_hints

from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.systems import ParameterValue
from core.strategies.base import StrategyInfo

KINDS = (bool, int, float, str)
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
_SWITCHES = {"true": True, "false": False}
NOT_PARAMETERS = frozenset({"members"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. ``minimum`` and ``maximum`` are inclusive; ``choices`` is empty where any value may stand."""

    name: str
    kind: type
    default: ParameterValue
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        words = _WORDS[self.kind]
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{words}, {self.minimum:g} or more"
        if self.maximum is not None:
            return f"{words}, {self.maximum:g} or less"
        return words

    def read(self, text: str, owner: str) -> ParameterValue:
        """The value that ``text`` stands for; InvalidInputError names parameter, value and what is allowed."""
        value = self._convert(text.strip())
        if value is None or not self._in_range(value):
            raise InvalidInputError(f"Parameter {self.name!r} of {owner} must be {self.allowed}, not {text!r}.")
        return value

    def _convert(self, text: str) -> ParameterValue | None:
        if self.kind is bool:
            return _SWITCHES.get(text.lower())
        if self.kind is str:
            return text
        try:
            value = int(text) if self.kind is int else float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def _in_range(self, value: ParameterValue) -> bool:
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, str):
            return True
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low <= value <= high


@lru_cache
def parameters_of(info: StrategyInfo) -> tuple[Parameter, ...]:
    """The parameters of a strategy by name; InvalidInputError where a field is not a proper parameter."""
    hints = get_type_hints(info.type)
    found: list[Parameter] = []
    for field in fields(info.type):
        if field.name in NOT_PARAMETERS:
            continue
        kind = hints[field.name]
        if kind not in KINDS or field.default is MISSING:
            raise InvalidInputError(
                f"Field {field.name!r} of strategy {info.name!r} must be bool, int, float or str and have a default."
            )
        about = field.metadata
        found.append(
            Parameter(
                name=field.name,
                kind=kind,
                default=field.default,
                help=str(about.get("help", "")),
                minimum=about.get("minimum"),
                maximum=about.get("maximum"),
                choices=tuple(about.get("choices", ())),
            )
        )
    return tuple(sorted(found, key=lambda parameter: parameter.name))


def read_parameters(info: StrategyInfo, given: dict[str, str]) -> dict[str, ParameterValue]:
    """Every parameter of a strategy, by name: what was given, read and checked, and the defaults."""
    known = {parameter.name: parameter for parameter in parameters_of(info)}
    for name in given:
        if name not in known:
            raise UnknownNameError(f"parameter of {info.name}", name, tuple(known))
    return {
        name: parameter.read(given[name], info.name) if name in given else parameter.default
        for name, parameter in known.items()
    }


def format_value(value: ParameterValue) -> str:
    """The shortest text that ``Parameter.read`` turns into this value again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)
