"""From a specification to a system, and from a system to a strategy that can run.

``resolve`` looks everything up and checks it; the result is canonical: equal systems have equal
specifications and fingerprints. ``build`` makes the strategy of a resolved system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry
from core.domain.systems import ParameterValue, System
from core.strategies.base import FAMILIES, Strategy, StrategyInfo, find
from core.strategies.forecasts import total_calls
from core.strategies.notation import MEMBERS, Spec, format_spec, parse
from core.strategies.parameters import format_value, parameters_of, read_parameters
from core.strategies.slots import check_needs, choose_models, fits, settings_for

__all__ = ["build", "fits", "forecast", "resolve"]

ModelLookup = Callable[[str], ModelEntry]


def resolve(spec: str, model: ModelLookup, *, known: Iterable[ModelEntry] = ()) -> System:
    """The system that ``spec`` stands for. ``model`` finds a model by id; ``known`` models serve messages only.

    NotationError (position), UnknownNameError (strategy, parameter, model) or InvalidInputError (value,
    capability, members) say what is wrong.
    """
    return _resolve(parse(spec), model, tuple(known))


def build(system: System) -> Strategy:
    """The configured strategy of a system; InvalidInputError where parameters do not go together."""
    info = find(system.strategy)
    if info.version != system.version:
        raise InvalidInputError(
            f"{system.spec} was resolved for version {system.version} of {info.name}; "
            f"this program has version {info.version}. Resolve it again."
        )
    values: dict[str, ParameterValue] = dict(system.parameters)
    if info.members:
        values["members"] = len(system.members)
    return _create(info, values)


def forecast(system: System, n_docs: int) -> int:
    """Model calls expected for ``n_docs`` candidates, those of the members included."""
    return total_calls(system, n_docs, build)


def _resolve(spec: Spec, model: ModelLookup, known: tuple[ModelEntry, ...]) -> System:
    info = find(spec.strategy)
    slots = choose_models(info, dict(spec.models), model, known)
    settings = [pair for name, slot in info.slots for pair in settings_for(slot, slots[name])]
    values = read_parameters(info, {**dict(settings), **dict(spec.parameters)})
    check_needs(info, slots, values)
    members = _members(info, tuple(_resolve(member, model, known) for member in spec.members))
    system = System(
        spec=_canonical(info, slots, values, members),
        strategy=info.name,
        version=info.version,
        parameters=tuple(sorted(values.items())),
        slots=tuple(sorted(slots.items())),
        members=members,
    )
    build(system)
    return system


def _members(info: StrategyInfo, members: tuple[System, ...]) -> tuple[System, ...]:
    if members and not info.members:
        raise InvalidInputError(f"{info.name} combines no other systems; leave {MEMBERS}=(...) out.")
    if info.members and len(members) < info.least_members:
        raise InvalidInputError(_too_few(info))
    if info.most_members == 1 < len(members):
        raise InvalidInputError(
            f"{info.name} takes one system, not {len(members)}; to combine more, make that one a fusion of them."
        )
    if info.most_members is not None and len(members) > info.most_members:
        raise InvalidInputError(
            f"{info.name} combines at most {info.most_members} systems, not {len(members)}; for more, make one of them "
            f"a {info.name} itself."
        )
    if len({member.fingerprint for member in members}) < len(members):
        raise InvalidInputError(f"{info.name} was given the same system twice: {', '.join(m.spec for m in members)}.")
    return tuple(sorted(members, key=_rank_of_member)) if info.symmetric else members


def _too_few(info: StrategyInfo) -> str:
    example = ",".join(("bm25", "bi-encoder")[: info.least_members])
    wanted = "needs another system" if info.most_members == 1 else f"combines at least {info.least_members} systems"
    return f"{info.name} {wanted}, for example {info.name}?{MEMBERS}=({example})."


def _rank_of_member(system: System) -> tuple[int, str]:
    """Cheap families first, as people write them, then by name: the canonical order where order means nothing."""
    return FAMILIES.index(find(system.strategy).family), system.spec


def _canonical(
    info: StrategyInfo,
    slots: dict[str, ModelEntry],
    values: dict[str, ParameterValue],
    members: tuple[System, ...],
) -> str:
    """The specification without what is default anyway."""
    named = [(name, slots[name].id) for name, slot in info.slots if slots[name].id != slot.default]
    if len(info.slots) == 1:
        named = [("", model) for _, model in named]
    defaults = {parameter.name: parameter.default for parameter in parameters_of(info)}
    changed = [(name, format_value(value)) for name, value in values.items() if value != defaults[name]]
    spec = Spec(
        strategy=info.name,
        models=tuple(named),
        parameters=tuple(changed),
        members=tuple(parse(member.spec) for member in members),
    )
    return format_spec(spec)


def _create(info: StrategyInfo, values: dict[str, ParameterValue]) -> Strategy:
    try:
        return cast(Strategy, info.type(**values))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{info.name} cannot be made with {values}: {error}") from error
