"""All models this installation knows: built in, configured, registered by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.catalog.availability import Availability, availability
from core.catalog.builtin import BUILTIN
from core.catalog.digests import DigestCache
from core.catalog.endpoints import endpoint_entry
from core.catalog.tables import model_entry
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from core.settings import Settings


class Catalog:
    """Built-in entries, then those of the configuration, then what ``registered`` gives at each call.

    InvalidInputError on construction where a table of the configuration is wrong. Precision follows the
    configured device and so enters every fingerprint truthfully: on RUNOFF_DEVICE=cuda causal language models
    have bf16 weights unless their table says otherwise, everywhere else fp32.
    """

    def __init__(self, settings: Settings, registered: Callable[[], Sequence[ModelEntry]] = tuple) -> None:
        self._cache_dir = settings.cache_dir
        self._registered = registered
        self._digests = DigestCache(settings.cache_dir / "digests.json")
        self._precision = "bf16" if settings.device.startswith("cuda") else "fp32"
        self._fixed = _unique([*self._builtin(), *self._configured(settings)])

    def entries(self) -> tuple[ModelEntry, ...]:
        """Every model, in that order; a registered entry whose id is taken is left out."""
        known = dict(self._fixed)
        for entry in self._registered():
            known.setdefault(entry.id, entry)
        return tuple(known.values())

    def entry(self, id: str) -> ModelEntry:
        """The model of this id; UnknownNameError with the known ids otherwise."""
        if id in self._fixed:
            return self._fixed[id]
        entries = {entry.id: entry for entry in self.entries()}
        if id not in entries:
            raise UnknownNameError("model", id, tuple(entries))
        return entries[id]

    def describe(self, name: str, table: dict[str, object]) -> ModelEntry:
        """The entry that a [models.NAME] table (a form's values) means; InvalidInputError names key and cause."""
        if any(entry.id == name for entry in self.entries()):
            raise InvalidInputError(f"[models.{name}] name: is taken by another model; choose another.")
        return model_entry(name, table, self._digests, self._precision)

    def availability(self, entry: ModelEntry) -> Availability:
        """Whether ``entry`` can be used now, why not, and what to do; from files and environment only."""
        return availability(entry, self._cache_dir)

    def _builtin(self) -> list[ModelEntry]:
        return [
            replace(entry, precision=self._precision) if entry.kind is ModelKind.CAUSAL_LM else entry
            for entry in BUILTIN
        ]

    def _configured(self, settings: Settings) -> list[ModelEntry]:
        models = [model_entry(name, table, self._digests, self._precision) for name, table in settings.models.items()]
        return [*models, *(endpoint_entry(name, table) for name, table in settings.endpoints.items())]


def _unique(entries: Sequence[ModelEntry]) -> dict[str, ModelEntry]:
    found: dict[str, ModelEntry] = {}
    for entry in entries:
        if entry.id in found:
            raise InvalidInputError(f"Two models are called {entry.id!r}; rename one of them in the configuration.")
        found[entry.id] = entry
    return found
