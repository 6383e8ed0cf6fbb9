"""What a benchmark knows of its systems at one depth, before any limit: quality, what differs, logical cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.benchmarks import BenchmarkPlan
from core.domain.systems import System
from core.domain.variants import WHOLE, Variant
from core.measures.significance.findings import Correction, PairFinding, Significance
from core.services.benchmarks.corrections import significance
from core.services.benchmarks.measured import Floats, measure_cell, measure_values
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.views import MeasureCell, Results
from core.services.choosing.choice import NO_RERANKER
from core.services.choosing.pricing import Usage
from core.services.systems import SystemService

LEAST_QUERIES = 2  # for a difference to be tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One complete system. ``failed``: queries without a ranking, which count 0."""

    system: System
    quality: MeasureCell
    failed: int
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """``contenders``: best first. ``significance``: over their specifications; None where nothing can be tested."""

    contenders: tuple[Contender, ...]
    open: tuple[str, ...]
    queries: int
    significance: Significance | None

    @property
    def correction(self) -> Correction:
        """How the pairs are protected from false alarms."""
        return Correction.HOLM if self.significance is None else self.significance.correction

    def pair(self, first: str, second: str) -> PairFinding | None:
        """What is known of the difference of two systems, signs as in ``difference``; None where nothing is."""
        found = self.significance
        if found is None or first == second or not {first, second} <= set(found.names):
            return None
        return found.pair(found.names.index(first), found.names.index(second))

    def apart(self, first: str, second: str) -> bool:
        """Whether the two differ significantly. What cannot be tested cannot be told apart."""
        pair = self.pair(first, second)
        return pair is not None and pair.significant


class EvidenceReader:
    """Reads it from the results, and computes what they lack: the order without a reranker, smaller depths."""

    def __init__(self, systems: SystemService, reader: BenchmarkReader) -> None:
        """``reader``: that of the results, so that nothing is read and measured twice."""
        self._systems = systems
        self._reader = reader

    def read(self, plan: BenchmarkPlan, results: Results, measure: str, depth: int) -> Evidence:
        """``depth``: the plan's own or one of ``plan.depths``, as if no more candidates had been retrieved.

        Without judged queries or complete systems nothing contends.
        """
        if not results.judged_queries or not results.rows:
            return Evidence(contenders=(), open=results.open, queries=0, significance=None)
        if depth != plan.first_stage.depth:
            return self._computed(plan, results, measure, Variant(first=depth))
        if any(row.spec == NO_RERANKER for row in results.rows):
            return _of_results(results, measure)
        return self._computed(plan, results, measure, WHOLE)

    def _computed(self, plan: BenchmarkPlan, results: Results, measure: str, variant: Variant) -> Evidence:
        look = self._reader.look(plan)
        made = [self._first_stage(look, measure, variant.first)]
        unfinished = []
        for system in look.systems:
            if system.spec == NO_RERANKER:
                continue
            if variant != WHOLE and not self._reader.variant_complete(look, system, variant):
                unfinished.append(system.spec)
                continue
            made.append(self._contender(look, system, measure, variant))
        made.sort(key=lambda one: -one[0].quality.mean)
        names = [contender.system.spec for contender, _ in made]
        return Evidence(
            contenders=tuple(contender for contender, _ in made),
            open=(*look.open, *unfinished),
            queries=len(look.scope.judged),
            significance=_compared(np.array([values for _, values in made]), names, results.correction),
        )

    def _first_stage(self, look: Look, measure: str, first: int) -> tuple[Contender, Floats]:
        """``first``: how many candidates there are, 0 for all."""
        ids = self._reader.candidates(look)
        orders = {query: order[: first or None] for query, order in ids.items()}
        values = measure_values(orders, look.scope.labels, (measure,))[measure]
        system = self._systems.resolve(NO_RERANKER)
        return Contender(system=system, quality=measure_cell(values), failed=0, usage=Usage()), values

    def _contender(self, look: Look, system: System, measure: str, variant: Variant) -> tuple[Contender, Floats]:
        lists = self._reader.lists(look, system, variant)
        there = look if variant == WHOLE else self._reader.variant(look, variant)
        values = self._reader.plain(there, system, measure)
        means = lists.means
        usage = Usage(calls=means.calls, prompt_tokens=means.prompt_tokens, generated_tokens=means.generated_tokens)
        failed = len(look.scope.lists) - len(lists.orders)
        return Contender(system=system, quality=measure_cell(values), failed=failed, usage=usage), values


def _of_results(results: Results, measure: str) -> Evidence:
    found = [
        Contender(
            system=row.system,
            quality=row.measures[measure],
            failed=row.failed,
            usage=Usage(calls=row.calls, prompt_tokens=row.prompt_tokens, generated_tokens=row.generated_tokens),
        )
        for row in results.rows
    ]
    found.sort(key=lambda one: -one.quality.mean)
    queries = len(results.judged_queries)
    return Evidence(
        contenders=tuple(found),
        open=results.open,
        queries=queries,
        significance=results.significance.get(measure) if queries >= LEAST_QUERIES else None,
    )


def _compared(values: Floats, names: Sequence[str], correction: Correction) -> Significance | None:
    """(k, n) over the same queries."""
    if values.shape[1] < LEAST_QUERIES:
        return None
    return significance(names, values, correction)
