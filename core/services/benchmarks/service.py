"""Benchmarks: plans, what they cost, and running them as one job each."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.benchmarks import DEFAULT_MEASURES, BenchmarkPlan
from core.domain.errors import InvalidInputError
from core.domain.first_stages import FirstStage
from core.domain.jobs import Job, JobKind
from core.domain.ports import Store
from core.services.benchmarks.plans import DEFAULT_STAGE, PlanService, Wanted
from core.services.benchmarks.progress import ProgressService
from core.services.benchmarks.running import Runner
from core.services.benchmarks.views import Progress
from core.services.jobs import JobService
from core.services.systems import BASELINE


class BenchmarkService:
    """What a page or a command does with benchmarks. A plan is settled once; only its job has a state."""

    def __init__(
        self, store: Store, plans: PlanService, progress: ProgressService, runner: Runner, jobs: JobService
    ) -> None:
        self._store = store
        self._plans = plans
        self._progress = progress
        self._runner = runner
        self._jobs = jobs
        jobs.resumed_by(JobKind.BENCHMARK, runner.resume)

    def create(
        self,
        collection: str,
        systems: Sequence[str],
        *,
        name: str = "",
        stage: FirstStage = DEFAULT_STAGE,
        queries: Sequence[str] = (),
        category: str = "",
        measures: Sequence[str] = DEFAULT_MEASURES,
        baseline: str = BASELINE,
        depths: Sequence[int] = (),
        shuffles: int = 0,
        shuffled_queries: int = 20,
        probe_queries: int = 20,
    ) -> BenchmarkPlan:
        """Check everything and keep the plan; nothing runs yet.

        ``collection``: name or fingerprint. ``systems``: specifications in any spelling, kept in canonical form, each
        once. ``baseline`` is put first where it is not among them. ``depths`` as deep as the candidates are left out
        (they are ranked whole anyway). ``name``: made up where empty. InvalidInputError says what is not allowed.
        """
        return self._plans.create(
            Wanted(
                collection=collection,
                systems=tuple(systems),
                name=name,
                stage=stage,
                queries=tuple(queries),
                category=category,
                measures=tuple(measures),
                baseline=baseline,
                depths=tuple(depths),
                shuffles=shuffles,
                shuffled_queries=shuffled_queries,
                probe_queries=probe_queries,
            )
        )

    def ensure(self, wanted: Wanted) -> BenchmarkPlan:
        """The plan that says exactly this, made where there is none yet, so that the same request goes on.

        InvalidInputError where its name belongs to a plan that says something else.
        """
        return self._plans.ensure(wanted)

    def all(self, collection: str | None = None) -> tuple[BenchmarkPlan, ...]:
        """Plans (of one collection, by name or fingerprint), newest first."""
        return self._plans.all(collection)

    def get(self, id: str) -> BenchmarkPlan:
        """One plan; UnknownNameError where absent."""
        return self._store.plan(id)

    def remove(self, id: str) -> None:
        """Forget a plan; its rankings and probes stay. InvalidInputError while it runs."""
        if any(plan.id == id and self.running(plan) for plan in self._store.plans()):
            raise InvalidInputError("This benchmark is running. Cancel it first.")
        self._store.remove_plan(id)

    def queries(self, plan: BenchmarkPlan) -> tuple[str, ...]:
        """Ids of the queries that the plan is about, in the collection's order."""
        return self._plans.queries(plan)

    def progress(self, plan: BenchmarkPlan) -> Progress:
        """How far it is and what is left, read from the store; cheap enough to be asked every second."""
        return self._progress.of(plan, running=self.running(plan) is not None)

    def measure_speed(self, plan: BenchmarkPlan) -> Job:
        """Rank one query, of median length, with every system whose speed here is unknown; the rankings stay.

        The running job of the plan where there is one.
        """
        return self.running(plan) or self._runner.measure(plan)

    def start(self, plan: BenchmarkPlan, *, fresh: bool = False) -> Job:
        """Run what is missing, as one job; the running one where there is one, a dead process's job under its id.

        ``fresh``: measure latencies again that were measured on this machine before.
        """
        return self.running(plan) or self._runner.start(plan, fresh=fresh)

    def running(self, plan: BenchmarkPlan) -> Job | None:
        """The job of this plan that a living process works on."""
        return self._runner.running(plan)

    def latest(self, plan: BenchmarkPlan) -> Job | None:
        """The newest job of this plan, running or ended, among the recent jobs."""
        return self._runner.latest(plan)

    def cancel(self, plan: BenchmarkPlan) -> None:
        """Stop; finished rankings and probes stay. InvalidInputError where another process runs it."""
        if (job := self.running(plan)) is not None:
            self._jobs.cancel(job.id)
