"""Which model may stand in which slot: a slot needs capabilities, a model has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.models import ModelEntry
from core.domain.naming import few
from core.strategies.base import Slot, StrategyInfo, registered

MAIN_SLOT = "model"


def fits(info: StrategyInfo, entry: ModelEntry) -> bool:
    """Whether the model can stand in a slot of the strategy; False for strategies without slots."""
    return any(stands(slot, entry) for _, slot in info.slots)


def needs(slot: Slot, values: Mapping[str, object]) -> frozenset[Capability]:
    """What the slot needs with these parameters."""
    return next((mode.needs for mode in slot.modes if values.get(mode.parameter) == mode.value), slot.needs)


def settings_for(slot: Slot, entry: ModelEntry) -> tuple[tuple[str, str], ...]:
    """Parameters without whose setting the model could not stand in the slot; none where the defaults will do."""
    if slot.needs <= entry.capabilities:
        return ()
    return next(((mode.parameter, mode.value),) for mode in slot.modes if mode.needs <= entry.capabilities)


def check_needs(info: StrategyInfo, chosen: Mapping[str, ModelEntry], values: Mapping[str, object]) -> None:
    """InvalidInputError where a model lacks what the slot needs with these parameters."""
    for name, slot in info.slots:
        missing = needs(slot, values) - chosen[name].capabilities
        if missing:
            ways = ", ".join(f"{parameter}={value}" for parameter, value in settings_for(slot, chosen[name]))
            raise InvalidInputError(
                f"{info.name} with these parameters needs a model with {' and '.join(sorted(needs(slot, values)))}; "
                f"{chosen[name].id} lacks {', '.join(sorted(missing))}." + (f" It fits with {ways}." if ways else "")
            )


def stands(slot: Slot, entry: ModelEntry) -> bool:
    """Whether the model has what the slot needs, in one of its modes, and reads what is written there."""
    ways = (slot.needs, *(mode.needs for mode in slot.modes))
    return any(way <= entry.capabilities for way in ways) and _reads(slot, entry)


def misfit(slot: Slot, entry: ModelEntry) -> str:
    """Why the model cannot stand in the slot, in words; "" where it can."""
    ways = (slot.needs, *(mode.needs for mode in slot.modes))
    fewest = sorted((way - entry.capabilities for way in ways), key=len)[0]
    missing = ", ".join(sorted(fewest))
    if missing:
        return f"{entry.id} lacks {missing} (it has {', '.join(sorted(entry.capabilities)) or 'nothing'})"
    if _reads(slot, entry):
        return ""
    if slot.format:
        return f"{entry.id} was not trained on the input format {slot.format!r}"
    return f"{entry.id} was trained on the input format {' or '.join(map(repr, entry.formats))} alone"


def choose_models(
    info: StrategyInfo,
    given: Mapping[str, str],
    model: Callable[[str], ModelEntry],
    known: Sequence[ModelEntry] = (),
) -> dict[str, ModelEntry]:
    """Slot to model of a strategy: what was given ("" is the main slot), else the defaults, all checked."""
    slots = dict(info.slots)
    if given and not slots:
        raise InvalidInputError(f"{info.name} takes no model; write it without {':' + next(iter(given.values()))!r}.")
    wanted = {_slot_name(info, slot): id for slot, id in given.items()}
    if len(wanted) < len(given):
        raise InvalidInputError(f"{info.name} was given two models for the same slot.")
    chosen: dict[str, ModelEntry] = {}
    for name, slot in slots.items():
        id = wanted.get(name, slot.default)
        if id is None:
            raise InvalidInputError(_no_model(info, name, slot, known))
        entry = model(id)
        if not stands(slot, entry):
            raise InvalidInputError(_misfit(info, name, slot, entry, known))
        chosen[name] = entry
    return chosen


def _slot_name(info: StrategyInfo, given: str) -> str:
    names = tuple(name for name, _ in info.slots)
    if given in names:
        return given
    if given:
        raise UnknownNameError(f"slot of {info.name}", given, names)
    if len(names) == 1:
        return names[0]
    if MAIN_SLOT in names:
        return MAIN_SLOT
    raise InvalidInputError(f"{info.name} has the slots {', '.join(names)}; write slot=model, joined by +.")


def _no_model(info: StrategyInfo, name: str, slot: Slot, known: Sequence[ModelEntry]) -> str:
    written = f"{info.name}:MODEL" if len(info.slots) == 1 else f"{info.name}:{name}=MODEL"
    return f"{info.name} needs a model with {_words(slot)}: write {written}.{_fitting(slot, known)}"


def _misfit(info: StrategyInfo, name: str, slot: Slot, entry: ModelEntry, known: Sequence[ModelEntry]) -> str:
    place = f"{info.name} (slot {name})" if len(info.slots) > 1 else info.name
    strategies = few([name for name, other in sorted(registered().items()) if fits(other, entry)]) or "none"
    return (
        f"{place} needs a model with {_words(slot)}; {misfit(slot, entry)}. "
        f"Strategies that fit {entry.id}: {strategies}.{_fitting(slot, known)}"
    )


def _reads(slot: Slot, entry: ModelEntry) -> bool:
    return slot.format in entry.formats if slot.format else entry.general


def _words(slot: Slot) -> str:
    ways = [(slot.needs, ""), *((mode.needs, f" with {mode.parameter}={mode.value}") for mode in slot.modes)]
    words = ", or ".join(f"{' and '.join(sorted(way))}{setting}" for way, setting in ways)
    return f"{words}, trained on the input format {slot.format!r}" if slot.format else words


def _fitting(slot: Slot, known: Sequence[ModelEntry]) -> str:
    """Models that fit, in the catalogue's order: one's own before the well-known checkpoints."""
    ids = [entry.id for entry in known if stands(slot, entry)]
    if not ids and slot.default:
        ids = [slot.default]
    return f" Models that fit: {few(ids)}." if ids else ""
