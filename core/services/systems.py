"""Systems: resolving what a person writes, the default roster, and what can be offered here."""

from __future__ import annotations

from dataclasses import dataclass

from core.catalog.availability import Availability
from core.catalog.catalog import Catalog
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry, ModelKind
from core.domain.ports import ModelStore, RankingStore
from core.domain.systems import System
from core.strategies.base import StrategyInfo, registered
from core.strategies.notation import Spec, format_spec
from core.strategies.resolve import fits, resolve

BASELINE = "first-stage"
ROSTER = ("bm25", "bi-encoder", "maxsim", "query-likelihood", "rrf?of=(bm25,bi-encoder)")
COMBINATIONS = (ROSTER[-1], "cascade?of=(bi-encoder,query-likelihood)&keep=5")
SLOW_KINDS = frozenset({ModelKind.CAUSAL_LM, ModelKind.CHAT_ENDPOINT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A strategy with a model that has what it needs. ``reason`` is empty where it can run now."""

    spec: str
    strategy: StrategyInfo
    model: ModelEntry | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """A model and whether it can be loaded here, and if not why and what to do."""

    entry: ModelEntry
    availability: Availability
    registered: bool


class SystemService:
    """What systems there are."""

    def __init__(
        self, catalog: Catalog, models: ModelStore, rankings: RankingStore, roster: tuple[str, ...] = ()
    ) -> None:
        """``roster``: the arena's systems; empty for the default ones."""
        self._roster = roster or ROSTER
        self._catalog = catalog
        self._models = models
        self._rankings = rankings

    def resolve(self, spec: str) -> System:
        """A specification with everything filled in; kept, so that its name is known for ever.

        InvalidInputError (position, parameter, capability) or UnknownNameError where it means nothing here.
        """
        system = resolve(spec, self._catalog.entry, known=self._catalog.entries())
        self._rankings.save_system(system)
        return system

    def roster(self) -> tuple[System, ...]:
        """The systems of the arena."""
        return tuple(self.resolve(spec) for spec in self._roster)

    def lineup(self) -> tuple[System, ...]:
        """The line to beat, then the roster."""
        systems = {system.fingerprint: system for system in (self.resolve(BASELINE), *self.roster())}
        return tuple(systems.values())

    def name(self, fingerprint: str) -> str:
        """The specification behind a fingerprint, or a short form of an unknown one."""
        return self._rankings.system_specs().get(fingerprint, fingerprint[:12])

    def names(self) -> dict[str, str]:
        """Fingerprint to specification of every system ever run here."""
        return self._rankings.system_specs()

    def strategies(self) -> tuple[StrategyInfo, ...]:
        """Every registered strategy, by name."""
        return tuple(info for _, info in sorted(registered().items()))

    def offers(self) -> tuple[Offer, ...]:
        """Exactly the strategies and models that fit, and examples of systems combined; runnable ones first."""
        found: list[Offer] = []
        for info in self.strategies():
            if info.members:
                continue
            if not info.slots:
                found.append(Offer(spec=info.name, strategy=info, model=None, reason=""))
            for entry in self._catalog.entries():
                if info.slots and fits(info, entry):
                    state = self._catalog.availability(entry)
                    reason = "" if state.available else state.reason
                    spec = self._canonical(info, entry)
                    found.append(Offer(spec=spec, strategy=info, model=entry, reason=reason))
        found += [self._combination(spec) for spec in COMBINATIONS]
        return tuple(sorted(found, key=lambda offer: bool(offer.reason)))

    def _combination(self, spec: str) -> Offer:
        """An example of systems combined; it can run where all their models can."""
        system = resolve(spec, self._catalog.entry)
        states = [self._catalog.availability(model) for model in system.models]
        reason = next((state.reason for state in states if not state.available), "")
        return Offer(spec=system.spec, strategy=registered()[system.strategy], model=None, reason=reason)

    def _canonical(self, info: StrategyInfo, entry: ModelEntry) -> str:
        named = format_spec(Spec(strategy=info.name, models=(("", entry.id),)))
        return resolve(named, self._catalog.entry).spec

    def models(self) -> tuple[ModelStatus, ...]:
        """Every model of catalogue, configuration and registration, with its state."""
        mine = {entry.id for entry in self._models.models()}
        return tuple(
            ModelStatus(entry=entry, availability=self._catalog.availability(entry), registered=entry.id in mine)
            for entry in self._catalog.entries()
        )

    def register(self, entry: ModelEntry) -> None:
        """Add a model of the hub or of a local folder; InvalidInputError where the id is taken or it is an endpoint."""
        if any(entry.id == known.id for known in self._catalog.entries()):
            raise InvalidInputError(f"There is already a model with the id {entry.id!r}.")
        if not entry.source.startswith(("hub:", "folder:")):
            raise InvalidInputError("Endpoints are named by the operator in runoff.toml, see docs/configuration.md.")
        self._models.save_model(entry)

    def unregister(self, model_id: str) -> None:
        """Forget a registered model; its rankings stay."""
        self._models.remove_model(model_id)


def is_slow(system: System) -> bool:
    """Whether a language model is asked, which takes seconds per query on a CPU."""
    return any(model.kind in SLOW_KINDS for model in system.models)
