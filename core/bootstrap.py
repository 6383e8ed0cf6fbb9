"""The web and command-line composition root: store, engine client and services, no models."""

from __future__ import annotations

import logging
import logging.handlers
from dataclasses import dataclass, replace

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.catalog.catalog import Catalog
from core.domain.ports import Engine, Store
from core.domain.roles import Actor, Role
from core.engine.client import EngineClient
from core.services.battles.arena import ArenaService
from core.services.battles.preparation import PreparationService
from core.services.benchmarks.making import make_benchmarks
from core.services.benchmarks.results import ResultsService
from core.services.benchmarks.service import BenchmarkService
from core.services.board.leaderboard import LeaderboardService
from core.services.bundles.bundles import BundleService
from core.services.bundles.gather import Gatherer
from core.services.candidates import CandidateService
from core.services.choosing.chooser import ChooserService
from core.services.collections import CollectionService
from core.services.engine_state import EngineStateService
from core.services.evaluation import EvaluationService
from core.services.import_process import sample_at_hand
from core.services.imports import ImportService
from core.services.jobs import JobService
from core.services.ownership import Owner
from core.services.permissions import restricted
from core.services.playground import PlaygroundService
from core.services.precision.checks import PrecisionService
from core.services.predictions import PredictionService
from core.services.roles import RoleService
from core.services.strategies import StrategyService
from core.services.systems import SystemService
from core.services.tracing import TracingService
from core.services.votes.controls import ControlService
from core.services.votes.moderation import ModerationService
from core.services.votes.review import Reviewer, ReviewService
from core.services.votes.vote_columns import VoteColumns
from core.services.votes.vote_files import VoteFileService
from core.settings import Settings, load_settings
from core.strategies.loading import load_file
from db.store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything a page or a command needs."""

    settings: Settings
    store: Store
    engine: Engine
    catalog: Catalog
    collections: CollectionService
    imports: ImportService
    candidates: CandidateService
    systems: SystemService
    strategies: StrategyService
    predictions: PredictionService
    jobs: JobService
    playground: PlaygroundService
    tracing: TracingService
    preparation: PreparationService
    arena: ArenaService
    controls: ControlService
    moderation: ModerationService
    review: ReviewService
    reviewer: Reviewer
    vote_files: VoteFileService
    roles: RoleService
    leaderboard: LeaderboardService
    evaluation: EvaluationService
    results: ResultsService
    benchmarks: BenchmarkService
    chooser: ChooserService
    bundles: BundleService
    precision: PrecisionService
    engine_state: EngineStateService
    owner: Owner
    log: logging.Handler

    def seen_by(self, actor: Actor) -> App:
        """The same application with services that refuse what the actor's role does not include."""
        if actor.role is Role.OPERATOR:
            return self
        return replace(
            self,
            collections=restricted(self.collections, actor),
            imports=restricted(self.imports, actor),
            systems=restricted(self.systems, actor),
            strategies=restricted(self.strategies, actor),
            predictions=restricted(self.predictions, actor),
            jobs=restricted(self.jobs, actor),
            playground=restricted(self.playground, actor),
            tracing=restricted(self.tracing, actor),
            leaderboard=restricted(self.leaderboard, actor),
            results=restricted(self.results, actor),
            benchmarks=restricted(self.benchmarks, actor),
            chooser=restricted(self.chooser, actor),
            bundles=restricted(self.bundles, actor),
            precision=restricted(self.precision, actor),
            engine_state=restricted(self.engine_state, actor),
        )

    def close(self) -> None:
        """Stop the engine and let go of files."""
        self.engine.close()
        self.jobs.close()
        self.reviewer.stop()
        self.arena.close()
        self.store.close()
        self.owner.close()
        logging.getLogger("core").removeHandler(self.log)
        self.log.close()


def start(settings: Settings | None = None, *, engine: Engine | None = None) -> App:
    """Wire everything; creates directories and database where they are missing, starts the engine process."""
    settings = settings or load_settings()
    for directory in (settings.home, settings.collections_dir, settings.cache_dir, settings.logs_dir):
        directory.mkdir(parents=True, exist_ok=True)
    store = SqlStore(settings.database_url, settings.home)
    for file in settings.strategies:
        load_file(file)
    engine = engine or EngineClient(settings, extra_files=settings.strategies)
    owner = Owner(settings.home / "run")
    catalog = Catalog(settings, store.models)
    limits = settings.limits
    columns = VoteColumns(store)
    collections = CollectionService(store, settings.collections_dir, max_document_chars=limits.max_document_chars)
    systems = SystemService(catalog, store, store, settings.roster)
    predictions = PredictionService(store, systems)
    candidates = CandidateService(store, collections, engine, limits, catalog.entry)
    jobs = JobService(store, engine, candidates, collections, systems, owner)
    preparation = PreparationService(store, collections, candidates, systems, jobs)
    controls = ControlService(store)
    review = ReviewService(store, columns, controls)
    vote_files = VoteFileService(store)
    leaderboard = LeaderboardService(store, collections, candidates, systems, columns)
    results = ResultsService(store, collections, candidates, systems)
    return App(
        settings=settings,
        store=store,
        engine=engine,
        catalog=catalog,
        collections=collections,
        imports=ImportService(
            collections, candidates, jobs, settings.collections_dir, settings.home / "uploads", limits
        ),
        candidates=candidates,
        systems=systems,
        strategies=StrategyService(catalog),
        predictions=predictions,
        jobs=jobs,
        playground=PlaygroundService(store, candidates, collections, systems, predictions, jobs, limits),
        tracing=TracingService(engine, collections, systems, jobs),
        preparation=preparation,
        arena=ArenaService(store, candidates, collections, systems, preparation, columns, limits, settings.arena),
        controls=controls,
        moderation=ModerationService(store),
        review=review,
        reviewer=Reviewer(review, store),
        vote_files=vote_files,
        roles=RoleService(settings.roles),
        leaderboard=leaderboard,
        evaluation=EvaluationService(collections),
        results=results,
        benchmarks=make_benchmarks(store, engine, collections, candidates, systems, jobs, limits),
        chooser=ChooserService(store, collections, systems, results, leaderboard, settings.prices),
        bundles=BundleService(Gatherer(store, collections, candidates, systems, vote_files, settings.prices)),
        precision=PrecisionService(store, engine, catalog, collections, candidates, systems, jobs),
        engine_state=EngineStateService(engine, settings.cache_dir),
        owner=owner,
        log=_log_to(settings),
    )


def open_app(settings: Settings | None = None) -> App:
    """``start`` for the application: the sample is there, interrupted jobs go on, battles are being prepared, and
    voters are reviewed as votes come."""
    settings = settings or load_settings()
    with sample_at_hand(settings.collections_dir) as process:
        app = start(settings)
        app.reviewer.start()
        sample = app.collections.ensure_sample(process)
    app.jobs.resume()
    app.preparation.ensure(sample.fingerprint)
    return app


def _log_to(settings: Settings) -> logging.Handler:
    handler = logging.handlers.RotatingFileHandler(
        settings.logs_dir / "runoff.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("core")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler
