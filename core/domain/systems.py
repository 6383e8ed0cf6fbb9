"""A system: a strategy, the models in its slots, resolved parameters, and the members it combines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.domain.canonical import Json, digest
from core.domain.models import ModelEntry

ParameterValue = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class System:
    """What a specification such as ``prp-heapsort:smollm2?k=5`` means once everything is resolved.

    ``spec`` is the canonical notation (defaults left out). ``parameters`` hold every parameter of the
    strategy, resolved, sorted by name. ``slots`` map slot names to models, sorted by name.
    """

    spec: str
    strategy: str
    version: int
    parameters: tuple[tuple[str, ParameterValue], ...] = ()
    slots: tuple[tuple[str, ModelEntry], ...] = ()
    members: tuple[System, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over strategy, version, parameters, model identities and members."""
        return digest(self._identity)

    @property
    def _identity(self) -> Json:
        return {
            "strategy": self.strategy,
            "version": self.version,
            "parameters": [list(pair) for pair in self.parameters],
            "slots": [[slot, model.identity] for slot, model in self.slots],
            "members": [member._identity for member in self.members],
        }

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        """Every model of this system and of its members, without repetition, in order of appearance."""
        found: dict[str, ModelEntry] = {model.id: model for _, model in self.slots}
        for member in self.members:
            found.update({model.id: model for model in member.models if model.id not in found})
        return tuple(found.values())
