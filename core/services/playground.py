"""Playground: several systems on one frozen candidate list, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError
from core.domain.jobs import Job, JobKind
from core.domain.ports import RankingStore
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.measures.effectiveness import evaluate_ranking
from core.measures.rank_similarity import kendall_tau, overlap, rank_biased_overlap
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.jobs import JobService
from core.services.predictions import Predicted, PredictionService
from core.services.systems import SystemService
from core.settings import Limits

MEASURES = ("nDCG@10", "RR", "AP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a system will cost on the list. ``ready``: its ranking is there already."""

    system: System
    predicted: Predicted
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One system's side of the comparison. ``ranking`` is None until it is there or where it ``failure``-ed."""

    system: System
    ranking: Ranking | None
    failure: str
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How alike two rankings are: tau in [-1, 1], rank-biased overlap and overlap in [0, 1]."""

    first: str
    second: str
    tau: float
    rbo: float
    overlap_5: float
    overlap_10: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything the page shows. ``labels``: document id to grade, empty where nothing was judged.

    ``language``: of the collection, "en" for pasted text; matches are marked by its terms.
    """

    candidates: CandidateList
    columns: tuple[Column, ...]
    agreements: tuple[Agreement, ...]
    labels: Mapping[str, int]
    first_stage_measures: Mapping[str, float]
    language: str = "en"


class PlaygroundService:
    """Compare systems on one query."""

    def __init__(
        self,
        rankings: RankingStore,
        candidates: CandidateService,
        collections: CollectionService,
        systems: SystemService,
        predictions: PredictionService,
        jobs: JobService,
        limits: Limits,
    ) -> None:
        self._rankings = rankings
        self._candidates = candidates
        self._collections = collections
        self._systems = systems
        self._predictions = predictions
        self._jobs = jobs
        self._limits = limits

    def forecast(self, candidates: CandidateList, specs: Sequence[str]) -> tuple[Forecast, ...]:
        """What a run would cost before it is started."""
        systems = self._resolve(specs)
        done = {r.system for r in self._rankings.rankings([candidates.hash], [s.fingerprint for s in systems])}
        return tuple(
            Forecast(
                system=system,
                predicted=self._predictions.predict(system, candidates),
                ready=system.fingerprint in done,
            )
            for system in systems
        )

    def compare(self, candidates: CandidateList, specs: Sequence[str]) -> Job:
        """Start what is missing; finished rankings are never made again."""
        systems = self._resolve(specs)
        if len(candidates.documents) < 2:
            raise InvalidInputError("Add at least two documents.")
        title = f"Compare {len(systems)} systems: {candidates.query.text[:60]}"
        return self._jobs.rank(systems, [candidates], kind=JobKind.COMPARE, title=title)

    def view(self, candidates: CandidateList, specs: Sequence[str]) -> Comparison:
        """The rankings that are there, their agreement and, with labels, their measures."""
        systems = self._resolve(specs)
        labels = self._labels(candidates)
        rankings = {r.system: r for r in self._rankings.rankings([candidates.hash], [s.fingerprint for s in systems])}
        failures = {f.system: f.message for f in self._rankings.failures([candidates.hash])}
        columns = tuple(
            Column(
                system=system,
                ranking=(ranking := rankings.get(system.fingerprint)),
                failure="" if ranking else failures.get(system.fingerprint, ""),
                measures=_measures(ranking.order, labels) if ranking else {},
            )
            for system in systems
        )
        return Comparison(
            candidates=candidates,
            columns=columns,
            agreements=_agreements(columns),
            labels=labels,
            first_stage_measures=_measures(candidates.ids, labels),
            language=self._language(candidates),
        )

    def _language(self, candidates: CandidateList) -> str:
        return "en" if candidates.collection is None else self._collections.reader(candidates.collection).language

    def _labels(self, candidates: CandidateList) -> Mapping[str, int]:
        if candidates.collection is None or not candidates.query.id:
            return {}
        return self._collections.reader(candidates.collection).judgments(candidates.query.id)

    def _resolve(self, specs: Sequence[str]) -> list[System]:
        if not 1 <= len(specs) <= self._limits.max_systems:
            raise InvalidInputError(f"Choose one to {self._limits.max_systems} systems, not {len(specs)}.")
        systems = {system.fingerprint: system for system in map(self._systems.resolve, specs)}
        return list(systems.values())


def _measures(order: Sequence[str], labels: Mapping[str, int]) -> Mapping[str, float]:
    return evaluate_ranking(order, labels, MEASURES) if any(grade > 0 for grade in labels.values()) else {}


def _agreements(columns: Sequence[Column]) -> tuple[Agreement, ...]:
    ranked = [(column.system.spec, column.ranking.order) for column in columns if column.ranking]
    return tuple(
        Agreement(
            first=first,
            second=second,
            tau=kendall_tau(a, b),
            rbo=rank_biased_overlap(a, b),
            overlap_5=overlap(a, b, 5),
            overlap_10=overlap(a, b, 10),
        )
        for (first, a), (second, b) in combinations(ranked, 2)
    )
