"""Systems and options for tests of the choice, made of plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind, RequestPrices
from core.domain.systems import System
from core.measures.significance.compare import compare
from core.services.benchmarks.measured import measure_cell
from core.services.choosing.choice import NO_RERANKER, Cost, Option, State
from core.services.choosing.evidence import Contender, Evidence
from core.services.choosing.pricing import Usage


def made_model(id: str = "m", *, licence: str = "mit", languages: tuple[str, ...] = ("en",)) -> ModelEntry:
    """A local embedder."""
    return ModelEntry(
        id=id,
        kind=ModelKind.EMBEDDER,
        source=f"folder:{id}",
        revision="r",
        capabilities=frozenset({Capability.EMBED_POOLED}),
        licence=licence,
        languages=languages,
    )


def remote_model(id: str = "far", **prices: float) -> ModelEntry:
    """A /rerank endpoint with these prices."""
    return ModelEntry(
        id=id,
        kind=ModelKind.RERANK_ENDPOINT,
        source="https://rerank.example.org",
        revision="m",
        capabilities=frozenset({Capability.SCORE_LIST}),
        prices=RequestPrices(**prices),
    )


def made_system(spec: str, *models: ModelEntry) -> System:
    """One slot for each model; ``first-stage`` has none."""
    return System(
        spec=spec, strategy=spec, version=1, slots=tuple((f"slot{i}", model) for i, model in enumerate(models))
    )


def made_option(spec: str, mean: float, p95_ms: float | None, state: State = State.FEASIBLE) -> Option:
    """An option whose latency is all that is known of its cost."""
    cell = measure_cell(np.array([mean]))
    cost = Cost(p95_ms=p95_ms)
    return Option(system=made_system(spec), quality=cell, failed=0, cost=cost, state=state, reasons=())


def made_evidence(values: Mapping[str, Sequence[float]], *, tested: bool = True) -> Evidence:
    """Systems by their values per query, compared by the real tests unless ``tested`` says otherwise."""
    ordered = sorted(values, key=lambda spec: -float(np.mean(values[spec])))
    contenders = tuple(
        Contender(
            system=made_system(spec, *(() if spec == NO_RERANKER else (made_model(),))),
            quality=measure_cell(np.array(values[spec], dtype=float)),
            failed=0,
            usage=Usage(calls=1.0),
        )
        for spec in ordered
    )
    table = np.array([values[spec] for spec in ordered], dtype=float)
    return Evidence(
        contenders=contenders,
        open=(),
        queries=table.shape[1],
        significance=compare(table, ordered, draws=2_000) if tested else None,
    )
