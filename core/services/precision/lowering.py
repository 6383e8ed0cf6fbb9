"""A system with its models in another precision, and which models have one to choose."""

from __future__ import annotations

from dataclasses import replace

from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry, ModelKind
from core.domain.precision import FULL
from core.domain.systems import System

LOWER = ("bf16", "fp16")
WEIGHED = frozenset({ModelKind.EMBEDDER, ModelKind.CROSS_ENCODER, ModelKind.CAUSAL_LM})  # whose weights run here


def can_be_lowered(model: ModelEntry) -> bool:
    """Whether its weights run here, so that their precision can be chosen."""
    return model.kind in WEIGHED


def lowered_models(system: System) -> tuple[ModelEntry, ...]:
    """The models of the system, and of its members, that run in a lower precision."""
    return tuple(model for model in system.models if can_be_lowered(model) and model.precision != FULL)


def in_precision(system: System, precision: str, model_id: str = "") -> System:
    """The same system with these weights in ``precision``: of one model, or of all where ``model_id`` is empty."""

    def changed(model: ModelEntry) -> ModelEntry:
        concerned = can_be_lowered(model) and model_id in ("", model.id)
        return replace(model, precision=precision) if concerned else model

    return replace(
        system,
        slots=tuple((slot, changed(model)) for slot, model in system.slots),
        members=tuple(in_precision(member, precision, model_id) for member in system.members),
    )


def lower_precision(model: ModelEntry, asked: str = "") -> str:
    """The one to measure: as asked, that of the entry, or bf16. InvalidInputError where there is none."""
    if not can_be_lowered(model):
        raise InvalidInputError(f"{model.id} is a {model.kind}: it has no weights here whose precision can be chosen.")
    chosen = asked or (model.precision if model.precision != FULL else LOWER[0])
    if chosen not in LOWER:
        raise InvalidInputError(f"A precision to measure against {FULL} is one of {', '.join(LOWER)}, not {chosen!r}.")
    return chosen
