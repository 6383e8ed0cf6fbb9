"""Strategies: what each does, costs and promises, and what it needs to run here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.catalog.catalog import Catalog
from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from core.strategies.base import FAMILIES, Slot, StrategyInfo, find, registered
from core.strategies.document import formula_of
from core.strategies.dry_run import predict
from core.strategies.notation import Spec, format_spec, parse
from core.strategies.parameters import Parameter, parameters_of
from core.strategies.resolve import build, resolve
from core.strategies.slots import misfit, settings_for, stands

SIZES = (2, 5, 10, 20, 30, 50, 75, 100)
MEMBERS = ("bm25", "bi-encoder", "query-likelihood")
LIST_MEMBER, SCORED_MEMBER = "listwise", "bi-encoder"  # the member of strategies that take one
NEEDS_SCORES = frozenset({"relevance-threshold"})
_PASSAGE = "word " * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    """What one ranking of ``n_docs`` passages of a hundred words asks."""

    n_docs: int
    calls: int
    rounds: int
    prompt_tokens: int
    most_generated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model for a slot. ``reason``: why it cannot stand there or cannot be used now; empty where it can."""

    model: ModelEntry
    reason: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A strategy as shown. ``spec``: with default parameters and, where there is one, a model that runs here.

    ``reason`` and ``how``: why it cannot run here and what to do; empty where it can.
    """

    info: StrategyInfo
    parameters: tuple[Parameter, ...]
    formula: str
    spec: str
    reason: str
    how: str = ""

    @property
    def runs(self) -> bool:
        """Whether it can run here now."""
        return not self.reason


class StrategyService:
    """Looks strategies and models up; nothing is kept."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def all(self) -> tuple[Described, ...]:
        """Every strategy, by family and name."""
        states = self._states()
        infos = sorted(registered().values(), key=lambda info: (FAMILIES.index(info.family), info.name))
        return tuple(self._describe(info, states) for info in infos)

    def get(self, name: str) -> Described:
        """One strategy; UnknownNameError."""
        return self._describe(find(name), self._states())

    def candidates(self, name: str, slot: str) -> tuple[Candidate, ...]:
        """Every model for a slot of a strategy: those that can stand there and run first, then the others with why
        not. UnknownNameError for a strategy or slot that does not exist."""
        slots = dict(find(name).slots)
        if slot not in slots:
            raise UnknownNameError(f"slot of {name}", slot, tuple(slots))
        found = [self._candidate(slots[slot], entry, self._states()) for entry in self._catalog.entries()]
        return tuple(sorted(found, key=lambda one: (bool(one.reason), not stands(slots[slot], one.model))))

    def settings(self, name: str, models: Mapping[str, str]) -> Mapping[str, str]:
        """Parameters that the models chosen (slot to id) leave no choice about, with their values."""
        found: dict[str, str] = {}
        for slot_name, slot in find(name).slots:
            found |= dict(settings_for(slot, self._catalog.entry(models[slot_name])))
        return found

    def curve(self, name: str) -> tuple[CostPoint, ...]:
        """Cost over the number of documents, with default parameters; members are those of ``Described.spec``."""
        return _curve(find(name))

    def _states(self) -> Mapping[str, tuple[str, str]]:
        """Model id to why it cannot be used now and what to do, empty where it can."""
        found = {}
        for entry in self._catalog.entries():
            state = self._catalog.availability(entry)
            found[entry.id] = ("", "") if state.available else (state.reason, state.how)
        return found

    def _candidate(self, slot: Slot, entry: ModelEntry, states: Mapping[str, tuple[str, str]]) -> Candidate:
        why = misfit(slot, entry)
        reason, how = (why, "") if why else states[entry.id]
        return Candidate(model=entry, reason=reason, how=how)

    def _describe(self, info: StrategyInfo, states: Mapping[str, tuple[str, str]]) -> Described:
        chosen: list[tuple[str, str]] = []
        reason = how = ""
        for name, slot in info.slots:
            fitting = [entry for entry in self._catalog.entries() if stands(slot, entry)]
            ready = [entry.id for entry in fitting if not states[entry.id][0]]
            if slot.default not in ready:
                chosen.append((name if len(info.slots) > 1 else "", ready[0] if ready else "MODEL"))
            if not ready and not reason:
                reason, how = _missing(info, slot, fitting, states)
        return Described(
            info=info,
            parameters=parameters_of(info),
            formula=formula_of(info),
            spec=_written(info, chosen),
            reason=reason,
            how=how,
        )


def example_members(info: StrategyInfo) -> tuple[str, ...]:
    """Systems that a strategy which combines others is shown with; none for any other."""
    if not info.members:
        return ()
    if info.most_members == 1:
        return (SCORED_MEMBER if info.name in NEEDS_SCORES else LIST_MEMBER,)
    return MEMBERS[: info.most_members or 2]


def _written(info: StrategyInfo, models: Sequence[tuple[str, str]]) -> str:
    members = tuple(parse(member) for member in example_members(info))
    return format_spec(Spec(strategy=info.name, models=tuple(models), members=members))


def _missing(
    info: StrategyInfo, slot: Slot, fitting: Sequence[ModelEntry], states: Mapping[str, tuple[str, str]]
) -> tuple[str, str]:
    """Why no model is ready for a slot, and how to get one."""
    if fitting:
        first = fitting[0]
        named = ", ".join(entry.id for entry in fitting[:3]) + (" and others" if len(fitting) > 3 else "")
        return f"needs {named}: {states[first.id][0]}", states[first.id][1] or info.about.weights
    needs = " and ".join(sorted(slot.needs))
    trained = f" trained on the input format {slot.format}" if slot.format else ""
    return f"no model with {needs}{trained} is known here", info.about.weights


@lru_cache(maxsize=256)
def _curve(info: StrategyInfo) -> tuple[CostPoint, ...]:
    system = resolve(_written(info, [(name, "any") for name, _ in info.slots]), _any_model)
    points = []
    for size in SIZES:
        dry = predict(system, _passages(size), build)
        total = dry.total
        points.append(
            CostPoint(
                n_docs=size,
                calls=total.calls,
                rounds=dry.rounds,
                prompt_tokens=total.prompt_tokens,
                most_generated=total.most_generated,
            )
        )
    return tuple(points)


def _any_model(id: str) -> ModelEntry:
    """A model that can stand in every slot of every strategy: costs do not depend on it."""
    slots = [slot for info in registered().values() for _, slot in info.slots]
    return ModelEntry(
        id=id,
        kind=ModelKind.CAUSAL_LM,
        source="builtin",
        revision="any",
        capabilities=frozenset(Capability),
        formats=tuple(sorted({"general", *(slot.format for slot in slots if slot.format)})),
    )


@lru_cache(maxsize=len(SIZES))
def _passages(count: int) -> CandidateList:
    documents = tuple(Document(id=f"d{number}", text=_PASSAGE) for number in range(count))
    query = Query(id="q", text="a query of about eight words or so")
    scores = tuple(float(count - number) for number in range(count))
    return CandidateList(query=query, documents=documents, first_stage_scores=scores, collection="any")
