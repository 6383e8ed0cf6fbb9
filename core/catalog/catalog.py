"""All models this installation knows: built in, configured, registered by a person, and well-known checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.catalog.availability import Availability, availability
from core.catalog.builtin import BUILTIN
from core.catalog.checkpoints.all import CHECKPOINTS
from core.catalog.checkpoints.checkpoint import Checkpoint
from core.catalog.digests import DigestCache
from core.catalog.endpoints import endpoint_entry
from core.catalog.places import hub_folder
from core.catalog.resolved import Resolved, ResolvedFile
from core.catalog.tables import model_entry
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from core.settings import Settings

NEEDS_CODE = Availability(
    available=False,
    reason="needs program code that comes with it, which Runoff never executes",
    how="Serve it elsewhere and name it as an endpoint (docs/models.md).",
)
OBSTACLE_HELP = "Prepare the weights as docs/models.md describes and register the folder."
NO_SAFETENSORS = "the hub has no safetensors weights at this commit; pickled ones are refused"


class Catalog:
    """Built-in entries, then those of the configuration, then what ``registered`` gives at each call, then the
    well-known checkpoints whose id none of them has taken.

    InvalidInputError on construction where a table of the configuration is wrong. Precision follows the
    configured device and so enters every fingerprint truthfully: on RUNOFF_DEVICE=cuda causal language models
    have bf16 weights unless their table says otherwise, everywhere else fp32.
    """

    def __init__(
        self,
        settings: Settings,
        registered: Callable[[], Sequence[ModelEntry]] = tuple,
        checkpoints: Sequence[Checkpoint] = CHECKPOINTS,
    ) -> None:
        self.resolved = ResolvedFile(settings.cache_dir)
        self._cache_dir = settings.cache_dir
        self._registered = registered
        self._digests = DigestCache(settings.cache_dir / "digests.json")
        self._precision = "bf16" if settings.device.startswith("cuda") else "fp32"
        self._fixed = _unique([*self._builtin(), *self._configured(settings)])
        self._checkpoints = {checkpoint.id: checkpoint for checkpoint in checkpoints}
        self._listed: tuple[Mapping[str, Resolved], dict[str, ModelEntry]] = ({}, self._known_entries({}))

    def entries(self) -> tuple[ModelEntry, ...]:
        """Every model, in that order; a registered entry whose id is taken is left out."""
        return tuple(self._all().values())

    def entry(self, id: str) -> ModelEntry:
        """The model of this id; UnknownNameError with ids that are known otherwise, those of one's own first."""
        if id in self._fixed:
            return self._fixed[id]
        entries = self._all()
        if id not in entries:
            raise UnknownNameError("model", id, tuple(entries))
        return entries[id]

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Every well-known checkpoint."""
        return tuple(self._checkpoints.values())

    def checkpoint(self, entry: ModelEntry) -> Checkpoint | None:
        """The well-known checkpoint that ``entry`` is, None where a person stated the model."""
        known = self._checkpoint_entries().get(entry.id)
        return self._checkpoints[entry.id] if known == entry else None

    def describe(self, name: str, table: dict[str, object]) -> ModelEntry:
        """The entry that a [models.NAME] table (a form's values) means; InvalidInputError names key and cause.

        The name of a well-known checkpoint may be taken: one's own entry then stands in its place.
        """
        if name in self._own():
            raise InvalidInputError(f"[models.{name}] name: is taken by another model; choose another.")
        return model_entry(name, table, self._digests, self._precision)

    def availability(self, entry: ModelEntry) -> Availability:
        """Whether ``entry`` can be used now, why not, and what to do; from files and environment only."""
        checkpoint = self.checkpoint(entry)
        if checkpoint is not None and checkpoint.needs_code.value:
            return NEEDS_CODE
        if checkpoint is not None and checkpoint.obstacle.value:
            return Availability(available=False, reason=checkpoint.obstacle.value, how=OBSTACLE_HELP)
        found = None if checkpoint is None else self.resolved.all().get(entry.id)
        if found is not None and not found.facts.safetensors and not self._downloaded(entry):
            how = (
                f"Where the hub has a converted revision: python -m core systems --resolve {entry.id}@refs/pr/NUMBER. "
                "Else convert the weights and register the folder (docs/models.md)."
            )
            return Availability(available=False, reason=NO_SAFETENSORS, how=how)
        return availability(entry, self._cache_dir)

    def _downloaded(self, entry: ModelEntry) -> bool:
        return hub_folder(self._cache_dir, entry.public_name, entry.revision).is_dir()

    def _own(self) -> dict[str, ModelEntry]:
        known = dict(self._fixed)
        for entry in self._registered():
            known.setdefault(entry.id, entry)
        return known

    def _all(self) -> dict[str, ModelEntry]:
        own = self._own()
        return {**own, **{id: entry for id, entry in self._checkpoint_entries().items() if id not in own}}

    def _checkpoint_entries(self) -> dict[str, ModelEntry]:
        """Made anew only when a commit was looked up."""
        resolved, entries = self._listed
        now = self.resolved.all()
        if now is not resolved:
            entries = self._known_entries(now)
            self._listed = (now, entries)
        return entries

    def _known_entries(self, resolved: Mapping[str, Resolved]) -> dict[str, ModelEntry]:
        found = {}
        for id, checkpoint in self._checkpoints.items():
            entry = checkpoint.entry(precision=self._precision)
            if entry is not None and (known := resolved.get(id)) is not None and f"hub:{known.hub_id}" == entry.source:
                facts = known.facts
                entry = checkpoint.entry(
                    commit=facts.commit,
                    parameters=facts.parameters,
                    licence=facts.licence,
                    precision=self._precision,
                )
            if entry is not None:
                found[id] = entry
        return found

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
