"""Puts the parts of the benchmark service together."""

from __future__ import annotations

from core.domain.ports import Engine, Store
from core.services.benchmarks.phases import Tools
from core.services.benchmarks.plans import PlanService
from core.services.benchmarks.probes import ProbeBook
from core.services.benchmarks.progress import ProgressService
from core.services.benchmarks.running import Runner
from core.services.benchmarks.service import BenchmarkService
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.jobs import JobService
from core.services.systems import SystemService
from core.settings import Limits


def make_benchmarks(
    store: Store,
    engine: Engine,
    collections: CollectionService,
    candidates: CandidateService,
    systems: SystemService,
    jobs: JobService,
    limits: Limits,
) -> BenchmarkService:
    """The service, ready to take over benchmarks of dead processes."""
    plans, probes = PlanService(store, collections, systems, limits), ProbeBook(store, engine)
    tools = Tools(
        store=store,
        engine=engine,
        collections=collections,
        candidates=candidates,
        systems=systems,
        plans=plans,
        probes=probes,
    )
    progress = ProgressService(store, plans, systems, collections, candidates, probes)
    return BenchmarkService(store, plans, progress, Runner(tools, progress, jobs), jobs)
