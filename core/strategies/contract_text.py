"""The part of the contract suite that reads instead of runs: name, docstring, parameters, slots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass

from core.domain.errors import InvalidInputError
from core.strategies.base import StrategyInfo
from core.strategies.findings import Finding
from core.strategies.notation import MEMBERS
from core.strategies.parameters import Parameter, format_value, parameters_of

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def describe(info: StrategyInfo) -> Iterator[Finding]:
    """Findings about what a strategy says of itself."""
    for rule, message in _describe(info):
        yield Finding(strategy=info.name, rule=rule, message=message)


def _describe(info: StrategyInfo) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(info.name):
        yield "name", "must be lower-case words joined by hyphens, because people write it in specifications"
    if info.version < 1:
        yield "version", f"must be a whole number from 1, not {info.version}"
    if not info.title.strip():
        yield "title", "is missing: it names the strategy in the interface"
    text = (info.type.__doc__ or "").lower()
    for word in ("formula", "cost", "paper"):
        if f"{word}:" not in text:
            yield (
                "docstring",
                f"the class's docstring has no {word.capitalize()!r}: give it (or say that there is none)",
            )
    if not is_dataclass(info.type) or not info.type.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # undocumented
        yield "frozen", "must be a frozen dataclass: put @dataclass(frozen=True, kw_only=True) under @strategy(...)"
        return
    yield from _parameters(info)


def _parameters(info: StrategyInfo) -> Iterator[tuple[str, str]]:
    try:
        parameters = parameters_of(info)
    except (InvalidInputError, NameError) as error:
        yield "parameters", str(error)
        return
    for parameter in parameters:
        if parameter.name == MEMBERS:
            yield "parameters", f"{MEMBERS!r} is the notation's word for members; choose another name"
        if not parameter.help.strip():
            yield "parameters", f"{parameter.name!r} has no help: write {parameter.name} = parameter(..., help=...)"
        if not _reads_back(parameter):
            yield "parameters", f"the default {parameter.default!r} of {parameter.name!r} is not {parameter.allowed}"


def _reads_back(parameter: Parameter) -> bool:
    """Whether the default is of the declared type and in range."""
    if type(parameter.default) is not parameter.kind:
        return False
    try:
        return parameter.read(format_value(parameter.default), parameter.name) == parameter.default
    except InvalidInputError:
        return False
