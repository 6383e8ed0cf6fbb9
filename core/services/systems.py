"""Systems: resolving what a person writes, the default roster, and what can be offered here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.availability import Availability
from core.catalog.catalog import Catalog
from core.catalog.checkpoints.checkpoint import Checkpoint
from core.catalog.resolved import Resolved
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry, ModelKind
from core.domain.ports import ModelStore, RankingStore
from core.domain.systems import System
from core.services.model_checks import LookedUp, ModelCheck, check_models, look_up
from core.strategies.base import StrategyInfo, registered
from core.strategies.notation import Spec, format_spec
from core.strategies.resolve import fits, resolve
from core.strategies.slots import MAIN_SLOT, misfit, stands

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
    """A model and whether it can be loaded here, and if not why and what to do.

    ``registered``: by a person, on the page Systems. ``checkpoint``: what the catalogue says of it, where it is a
    well-known checkpoint; ``resolved``: what the hub stated when it was looked up last.
    """

    entry: ModelEntry
    availability: Availability
    registered: bool
    checkpoint: Checkpoint | None = None
    resolved: Resolved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Whether a model may stand in a slot of a strategy. ``reason``: why not; empty where it may."""

    strategy: StrategyInfo
    slot: str
    reason: str


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

        InvalidInputError (position, parameter, capability, a checkpoint without a commit) or UnknownNameError where
        it means nothing here.
        """
        system = resolve(spec, self._catalog.entry, known=self._catalog.entries())
        for model in system.models:
            if not model.revision:
                state = self._catalog.availability(model)
                raise InvalidInputError(f"{system.spec} names {model.id}: {state.reason}. {state.how}")
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
        """What can run here now: every strategy with every model that fits it, and examples of systems combined."""
        ready = [entry for entry in self._catalog.entries() if self._catalog.availability(entry).available]
        found: list[Offer] = []
        for info in self.strategies():
            if info.members:
                continue
            if not info.slots:
                found.append(Offer(spec=info.name, strategy=info, model=None, reason=""))
            for entry in ready:
                spec = self._spec(info, entry, ready) if fits(info, entry) else ""
                if spec:
                    found.append(Offer(spec=spec, strategy=info, model=entry, reason=""))
        combined = [self._combination(spec) for spec in COMBINATIONS]
        return (*found, *(offer for offer in combined if not offer.reason))

    def absent(self) -> tuple[Offer, ...]:
        """Systems of the models that somebody configured or registered here and that cannot be used now, with why."""
        known = self._catalog.entries()
        return tuple(
            Offer(spec=spec, strategy=info, model=status.entry, reason=status.availability.reason)
            for status in self.models()
            if status.checkpoint is None and not status.availability.available
            for info in self.strategies()
            if info.slots and fits(info, status.entry) and (spec := self._spec(info, status.entry, known))
        )

    def fitting(self, model_id: str) -> tuple[Fit, ...]:
        """For one model, every strategy that asks a model: those that fit first. UnknownNameError."""
        entry = self._catalog.entry(model_id)
        found = [_fit(info, entry) for info in self.strategies() if info.slots]
        return tuple(sorted(found, key=lambda fit: bool(fit.reason)))

    def _combination(self, spec: str) -> Offer:
        """An example of systems combined; it can run where all their models can."""
        system = resolve(spec, self._catalog.entry)
        states = [self._catalog.availability(model) for model in system.models]
        reason = next((state.reason for state in states if not state.available), "")
        return Offer(spec=system.spec, strategy=registered()[system.strategy], model=None, reason=reason)

    def _spec(self, info: StrategyInfo, entry: ModelEntry, others: Sequence[ModelEntry]) -> str:
        """The strategy with this model in its main slot, canonical; "" where another slot would stay empty.

        Other slots have their default where that is among ``others``, else the first of them that fits.
        """
        slots = dict(info.slots)
        main = MAIN_SLOT if MAIN_SLOT in slots else next(iter(slots))
        if not stands(slots[main], entry):
            return ""
        chosen = {main: entry.id}
        for name, slot in slots.items():
            if name != main:
                fitting = [other.id for other in others if stands(slot, other)]
                if not fitting:
                    return ""
                chosen[name] = slot.default if slot.default in fitting else fitting[0]
        models = tuple(("" if len(slots) == 1 else name, id) for name, id in chosen.items())
        return resolve(format_spec(Spec(strategy=info.name, models=models)), self._catalog.entry).spec

    def models(self) -> tuple[ModelStatus, ...]:
        """Every model: built in, configured, registered, then the well-known checkpoints; with its state."""
        mine = {entry.id for entry in self._models.models()}
        resolved = self._catalog.resolved.all()
        found = []
        for entry in self._catalog.entries():
            checkpoint = self._catalog.checkpoint(entry)
            found.append(
                ModelStatus(
                    entry=entry,
                    availability=self._catalog.availability(entry),
                    registered=checkpoint is None and entry.id in mine,
                    checkpoint=checkpoint,
                    resolved=None if checkpoint is None else resolved.get(entry.id),
                )
            )
        return tuple(found)

    def check(self) -> tuple[ModelCheck, ...]:
        """For every model whether it can be loaded here and why not; nothing is loaded."""
        return check_models(self._catalog)

    def look_up(self, asked: Sequence[str] = ()) -> tuple[LookedUp, ...]:
        """Commits of well-known checkpoints as the hub states them now; see ``model_checks.look_up``."""
        return look_up(self._catalog, asked)

    def register(self, entry: ModelEntry) -> None:
        """Add a model of the hub or of a local folder; InvalidInputError where the id is taken or it is an endpoint.

        The id of a well-known checkpoint is not taken: one's own entry stands in its place.
        """
        if any(entry.id == known.id and self._catalog.checkpoint(known) is None for known in self._catalog.entries()):
            raise InvalidInputError(f"There is already a model with the id {entry.id!r}.")
        if not entry.source.startswith(("hub:", "folder:")):
            raise InvalidInputError("Endpoints are named by the operator in runoff.toml, see docs/configuration.md.")
        self._models.save_model(entry)

    def unregister(self, model_id: str) -> None:
        """Forget a registered model; its rankings stay."""
        self._models.remove_model(model_id)


def _fit(info: StrategyInfo, entry: ModelEntry) -> Fit:
    """The slot that the model may take, else why it may not take the main one."""
    slots = dict(info.slots)
    name = next((name for name, slot in info.slots if stands(slot, entry)), "")
    if name:
        return Fit(strategy=info, slot=name, reason="")
    main = MAIN_SLOT if MAIN_SLOT in slots else next(iter(slots))
    return Fit(strategy=info, slot=main, reason=misfit(slots[main], entry))


def is_slow(system: System) -> bool:
    """Whether a language model is asked, which takes seconds per query on a CPU."""
    return any(model.kind in SLOW_KINDS for model in system.models)
