"""What lower precisions change: measured on the sample collection as a job, kept, and told beside every system."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from core.catalog.catalog import Catalog
from core.domain.documents import CandidateList
from core.domain.errors import EngineError, InvalidInputError, UnknownNameError
from core.domain.jobs import Job, JobKind
from core.domain.models import ModelEntry
from core.domain.ports import Engine, PrecisionStore
from core.domain.precision import FULL, PrecisionCheck
from core.domain.systems import System
from core.domain.work import Event, Probed, ProbeWork, Progress, RankFailed
from core.services.benchmarks.engine_work import EngineWork
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.jobs import JobService
from core.services.precision.comparing import Heard, Labels, figures
from core.services.precision.lowering import can_be_lowered, in_precision, lower_precision, lowered_models
from core.services.precision.notes import notes
from core.services.systems import SystemService
from core.services.task import Task
from core.strategies.base import StrategyInfo
from core.strategies.resolve import resolve

FAMILIES = frozenset({"pointwise", "embedding"})
ONE_EACH = frozenset({"", "N", "N + 1"})  # calls of what is measured by default; others are measured where named


class PrecisionService:
    """Checks of lower precisions."""

    def __init__(
        self,
        store: PrecisionStore,
        engine: Engine,
        catalog: Catalog,
        collections: CollectionService,
        candidates: CandidateService,
        systems: SystemService,
        jobs: JobService,
    ) -> None:
        self._store = store
        self._engine = engine
        self._catalog = catalog
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._jobs = jobs

    def of_model(self, model_id: str) -> tuple[PrecisionCheck, ...]:
        """What was measured of systems with this model, newest first."""
        return tuple(check for check in self._store.precision_checks() if model_id in check.models)

    def notes(self, specs: Sequence[str]) -> dict[str, str]:
        """Specification to a sentence on its precision, of the systems with a model in a lower one than fp32.

        Names that mean nothing here (of an imported log, of a model that is gone) are left out.
        """
        return notes(self._store, [system for spec in specs if (system := self._known(spec)) is not None])

    def can_be_lowered(self, model: ModelEntry) -> bool:
        """Whether its weights run here, so that their precision can be chosen."""
        return can_be_lowered(model)

    def start(
        self, model_id: str, *, precision: str = "", queries: int = 0, specs: Sequence[str] = ()
    ) -> tuple[Job, tuple[System, ...]]:
        """Measure systems with this model in ``precision`` (default: that of the model, else bf16) and in fp32.

        ``queries``: so many of the sample collection, evenly spread; 0 for all. ``specs``: which systems; without them
        those with one call per document. Also the systems, in the lower precision.
        InvalidInputError, UnknownNameError.
        """
        model = self._catalog.entry(model_id)
        chosen = lower_precision(model, precision)
        if queries < 0:
            raise InvalidInputError(f"The number of queries must not be negative, but is {queries}.")
        systems = tuple(in_precision(system, chosen, model_id) for system in self._concerned(model, specs))
        sample = self._collections.ensure_sample()
        hashes = list(self._candidates.for_collection(sample.fingerprint).values())
        count = min(queries or len(hashes), len(hashes))
        spread = [hashes[(2 * place + 1) * len(hashes) // (2 * count)] for place in range(count)]
        job = self._jobs.work(
            lambda task: self._measure(task, model_id, systems, spread),
            kind=JobKind.PRECISION,
            title=f"{model_id} in {chosen} against {FULL}",
            request={"model": model_id, "precision": chosen, "systems": [system.spec for system in systems]},
            total=2 * len(systems) * count,
        )
        return job, systems

    def _known(self, spec: str) -> System | None:
        try:
            return resolve(spec, self._catalog.entry, known=self._catalog.entries())
        except (InvalidInputError, UnknownNameError):
            return None

    def _concerned(self, model: ModelEntry, specs: Sequence[str]) -> list[System]:
        named = [self._systems.resolve(spec) for spec in specs]
        for system in named:
            if model.id not in {used.id for used in system.models}:
                raise InvalidInputError(f"{system.spec} does not use the model {model.id}.")
        if named:
            return named
        offers = [
            offer
            for offer in (*self._systems.offers(), *self._systems.absent())
            if offer.model is not None and offer.model.id == model.id and _one_call_each(offer.strategy)
        ]
        if not offers:
            raise InvalidInputError(f"No strategy with one call per document uses {model.id}. Name a system.")
        return [self._systems.resolve(offer.spec) for offer in offers]

    def _measure(self, task: Task, model_id: str, systems: Sequence[System], hashes: Sequence[str]) -> str:
        lists = [self._candidates.load(hash) for hash in hashes]
        sample = self._collections.ensure_sample()
        reader = self._collections.reader(sample.fingerprint)
        labels = {made.hash: reader.judgments(made.query.id) for made in lists}
        problems = []
        for system in systems:
            try:
                self._store.save_precision_check(self._check(task, model_id, system, lists, labels))
            except EngineError as error:
                problems.append(str(error))
        if len(problems) == len(systems):
            raise EngineError(" ".join(problems))
        return " ".join(problems)

    def _check(
        self, task: Task, model_id: str, system: System, lists: Sequence[CandidateList], labels: Labels
    ) -> PrecisionCheck:
        """Both precisions of one system; EngineError where some list was not ranked."""
        full = self._probed(task, in_precision(system, FULL, model_id), FULL, lists)
        precision = next(model.precision for model in system.models if model.id == model_id)
        lower = self._probed(task, system, precision, lists)
        last = lower[lists[-1].hash]
        return PrecisionCheck(
            system=system.fingerprint,
            spec=system.spec,
            models=tuple(model.id for model in lowered_models(system)),
            precision=precision,
            collection=lists[0].collection or "",
            queries=len(lists),
            device=last.device,
            machine=last.machine,
            measured_at=datetime.now(UTC),
            **asdict(figures(lists, lower, full, labels)),
        )

    def _probed(self, task: Task, system: System, precision: str, lists: Sequence[CandidateList]) -> Heard:
        """Every list ranked by itself, with nothing beside it and without the answer cache."""
        heard: dict[str, Probed] = {}
        reasons: list[str] = []

        def hear(event: Event) -> None:
            if isinstance(event, Probed):
                heard[event.candidates] = event
                task.advance()
                task.report(message=f"{system.spec} in {precision}: {len(heard)} of {len(lists)} queries")
            elif isinstance(event, RankFailed):
                reasons.append(event.message)
            elif isinstance(event, Progress) and not heard and event.note:
                note = event.note.removeprefix(f"latency of {system.spec}: ")
                task.report(message=f"{system.spec} in {precision}: {note}")

        work = ProbeWork(
            job=f"{task.id}-{uuid.uuid4().hex[:8]}",
            systems=(system,),
            lists=tuple(lists),
            collections=self._paths(lists),
        )
        if error := EngineWork(self._engine, task).do(work, hear):
            reasons.append(error)
        if len(heard) < len(lists):
            raise EngineError(f"{system.spec} in {precision}: {reasons[0] if reasons else 'the engine said nothing'}")
        return heard

    def _paths(self, lists: Sequence[CandidateList]) -> tuple[tuple[str, Path], ...]:
        found = sorted({made.collection for made in lists if made.collection is not None})
        return tuple((fingerprint, self._collections.get(fingerprint).path) for fingerprint in found)


def _one_call_each(info: StrategyInfo) -> bool:
    """One short call per document, all in one round, as the strategy says of itself."""
    return info.family in FAMILIES and info.about.cost in ONE_EACH and info.about.rounds in ("", "1")
