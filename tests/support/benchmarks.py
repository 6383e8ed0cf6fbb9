"""Finished benchmarks for tests, without an engine or a job: candidates, rankings, probes and plan go into the store.

For every test that reads results (services, pages, chooser, bundles):

    plan = finished_plan(app, "small", {"first-stage": 0.0, "bm25": 0.4, "maxsim": 0.9})
    results = app.results.of(plan)

A system of quality 1 orders by relevance grade, one of quality 0 at random; "first-stage" keeps the order it is given.
Everything follows from ``seed``.
"""

from __future__ import annotations

import random
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.bootstrap import App
from core.domain.benchmarks import DEFAULT_MEASURES, BenchmarkPlan, Probe
from core.domain.collections import CollectionReader
from core.domain.documents import CandidateList, Query
from core.domain.first_stages import FirstStage
from core.domain.jobs import Failure
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.requests import Cut
from core.domain.systems import System

MADE = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MACHINE = "cpu, 2 threads, float32, fake 1.0"


def finished_plan(
    app: App,
    collection: str,
    quality: Mapping[str, float],
    *,
    name: str = "",
    depth: int = 10,
    queries: Sequence[str] = (),
    category: str = "",
    measures: Sequence[str] = DEFAULT_MEASURES,
    baseline: str = "first-stage",
    depths: Sequence[int] = (),
    shuffles: int = 0,
    shuffled_queries: int = 20,
    probed: bool = True,
    failing: Mapping[str, int] | None = None,
    missing: Mapping[str, int] | None = None,
    seed: int = 0,
) -> BenchmarkPlan:
    """Store a whole benchmark and return its plan.

    ``quality``: specification to a number from 0 to 1. ``failing``: how many lists, from the first, a system failed
    on; ``missing``: how many, from the last, it has not ranked yet. Lists hold all judged documents of a query, and
    others up to ``depth``.
    """
    found = app.collections.get(collection)
    systems = {spec: app.systems.resolve(spec) for spec in quality}
    plan = BenchmarkPlan(
        id=uuid.UUID(int=random.Random(f"{name} {sorted(quality)} {seed}").getrandbits(128)).hex,
        name=name or f"test {seed}",
        collection=found.fingerprint,
        systems=tuple(system.spec for system in systems.values()),
        first_stage=FirstStage(depth=depth),
        queries=tuple(queries),
        category=category,
        measures=tuple(measures),
        baseline=baseline,
        depths=tuple(depths),
        shuffles=shuffles,
        shuffled_queries=shuffled_queries,
        probe_queries=5 if probed else 0,
        created_at=MADE,
    )
    whole = candidate_lists(app, plan, seed)
    for spec, system in systems.items():
        failed, left = (failing or {}).get(spec, 0), (missing or {}).get(spec, 0)
        rank_all(app, plan, system, whole, quality[spec], failed=failed, left=left)
        if probed:
            for at in sorted({*plan.depths, depth}):
                app.store.save_probe(made_probe(system, plan, at, milliseconds=10.0 * (list(systems).index(spec) + 1)))
    app.store.save_plan(plan)
    return plan


def candidate_lists(app: App, plan: BenchmarkPlan, seed: int = 0) -> list[CandidateList]:
    """Lists of the plan's queries, whole and in every variant kept in the store; the whole ones come back."""
    reader = app.collections.reader(plan.collection)
    ids = [document.id for document in reader.all_documents()]
    chosen = [
        query
        for query in reader.queries()
        if (not plan.queries or query.id in plan.queries) and (not plan.category or query.category == plan.category)
    ]
    whole = [_candidates(plan, reader, query, ids, seed) for query in chosen]
    for variant in plan.variants:
        mine = whole[: plan.shuffled_queries] if variant.shuffle else whole
        changed = [variant.of(candidates) for candidates in mine]
        app.store.save_candidates(changed, set_name=variant.name(plan.first_stage.set_name))
    return whole


def rank_all(
    app: App,
    plan: BenchmarkPlan,
    system: System,
    whole: Sequence[CandidateList],
    quality: float,
    *,
    failed: int = 0,
    left: int = 0,
) -> None:
    """Rankings of one system, of all variants."""
    reader = app.collections.reader(plan.collection)
    for variant in plan.variants:
        mine = whole[: plan.shuffled_queries] if variant.shuffle else whole
        for number, base in enumerate(mine[: len(mine) - left]):
            candidates = variant.of(base)
            if number < failed:
                reason = Failure(system=system.fingerprint, candidates=candidates.hash, message="the model broke")
                app.store.save_failure(reason)
                continue
            app.store.save_ranking(made_ranking(system, candidates, reader.judgments(base.query.id), quality))


def made_ranking(system: System, candidates: CandidateList, labels: Mapping[str, int], quality: float) -> Ranking:
    """An order by grade and noise; the score of a document does not depend on the list it is in."""
    if system.strategy == "first-stage":
        return Ranking(system=system.fingerprint, candidates=candidates.hash, order=candidates.ids, machine=MACHINE)
    scores = {}
    for document in candidates.ids:
        noise = zlib.crc32(f"{system.spec} {candidates.query.id} {document}".encode()) / 2**32
        scores[document] = quality * min(labels.get(document, 0), 2) / 2 + (1.0 - quality) * noise
    order = tuple(sorted(candidates.ids, key=lambda document: (-scores[document], document)))
    return Ranking(
        system=system.fingerprint,
        candidates=candidates.hash,
        order=order,
        scores=tuple(scores[document] for document in order),
        cuts=(Cut(document_id=order[0], tokens=600, kept=512),),
        logical=LogicalCost(calls=len(order), prompt_tokens=10 * len(order), tokens_cut=88, depth=1),
        executed=ExecutedCost(seconds=0.01 * len(order), calls=len(order)),
        machine=MACHINE,
    )


def made_probe(system: System, plan: BenchmarkPlan, depth: int, milliseconds: float = 10.0) -> Probe:
    """Five queries, from ``milliseconds`` at depth 10 upwards."""
    base = milliseconds * depth / 10
    return Probe(
        system=system.fingerprint,
        collection=plan.collection,
        depth=depth,
        wall_ms=tuple(base * (1 + 0.1 * number) for number in range(5)),
        disturbed=0,
        memory=tuple((model.id, 50_000_000) for model in system.models),
        device="cpu",
        machine=MACHINE,
        measured_at=MADE,
        orders_equal=1.0,
    )


def _candidates(
    plan: BenchmarkPlan, reader: CollectionReader, query: Query, ids: Sequence[str], seed: int
) -> CandidateList:
    known = set(ids)
    judged = [document for document in reader.judgments(query.id) if document in known]
    draw = random.Random(f"{seed} {query.id}")
    others = [document for document in ids if document not in judged]
    chosen = [*judged, *draw.sample(others, min(len(others), max(0, plan.first_stage.depth - len(judged))))]
    chosen = chosen[: plan.first_stage.depth]
    draw.shuffle(chosen)
    return CandidateList(
        query=query,
        documents=reader.documents(chosen),
        collection=plan.collection,
        first_stage=plan.first_stage.set_name,
        first_stage_scores=tuple(1.0 / (place + 1) for place in range(len(chosen))),
    )


def renamed(plan: BenchmarkPlan, **changed: object) -> BenchmarkPlan:
    """The same plan with other fields, not in the store."""
    return replace(plan, **changed)  # type: ignore[arg-type]  # fields by name
