"""The jobs of benchmarks: started, found again, taken over from a process that is gone.

Nothing of a job's state lives outside the store: its request says which plan, the rankings and probes that are there
say what is done. So a job whose process was killed goes on under its id, and a plan started again repeats nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

from core.domain.benchmarks import BenchmarkPlan
from core.domain.canonical import Json
from core.domain.errors import InvalidInputError
from core.domain.jobs import Job, JobKind
from core.services.benchmarks.phases import BenchmarkRun, Tools
from core.services.benchmarks.progress import ProgressService
from core.services.jobs import JobService
from core.services.task import Task

RECENT = 200  # jobs among which a plan's newest is looked for


class Runner:
    """Starts and finds the jobs of plans."""

    def __init__(self, tools: Tools, progress: ProgressService, jobs: JobService) -> None:
        self._tools = tools
        self._progress = progress
        self._jobs = jobs
        self._starting = threading.Lock()

    def start(self, plan: BenchmarkPlan, *, fresh: bool = False) -> Job:
        """The job of this plan: the one that runs, else a dead process's that does as much, else a new one."""
        with self._starting:
            for left in self._of(plan, self._tools.store.jobs(active_only=True, limit=RECENT)):
                if not self._jobs.abandoned(left):
                    continue
                if fresh or "one_query" in cast(Mapping[str, Json], left.request):
                    self._jobs.cancel(left.id)  # it would do less than is wanted now
                elif (taken := self._jobs.take_over(left)) is not None:
                    return taken
            if (job := self.running(plan)) is not None:
                return job
            request: dict[str, Json] = {"plan": plan.id}
            if fresh:
                request["fresh_since"] = datetime.now(UTC).isoformat()
            return self._begin(plan, request)

    def measure(self, plan: BenchmarkPlan) -> Job:
        """Rank one query with every system of unknown speed."""
        with self._starting:
            if (job := self.running(plan)) is not None:
                return job
            unknown: list[Json] = list(self._progress.of(plan).unmeasured)
            return self._begin(plan, {"plan": plan.id, "one_query": unknown})

    def resume(self, job: Job) -> Job:
        """Take over a job whose process is gone; UnknownNameError where the plan was removed meanwhile."""
        request = job.request
        if not isinstance(request, dict) or "plan" not in request:
            raise InvalidInputError("This job does not say which benchmark it is.")
        plan = self._tools.store.plan(str(request["plan"]))
        return self._begin(plan, request, job_id=job.id)

    def running(self, plan: BenchmarkPlan) -> Job | None:
        """The job of this plan that a living process works on."""
        found = self._of(plan, self._tools.store.jobs(active_only=True, limit=RECENT))
        alive = (self._jobs.get(job.id) for job in found if not self._jobs.abandoned(job))
        return next((job for job in alive if not job.state.ended), None)

    def latest(self, plan: BenchmarkPlan) -> Job | None:
        """The newest job of this plan among the recent ones."""
        found = self._of(plan, self._tools.store.jobs(limit=RECENT))
        return self._jobs.get(found[0].id) if found else None

    def _begin(self, plan: BenchmarkPlan, request: dict[str, Json], job_id: str | None = None) -> Job:
        name = self._tools.collections.get(plan.collection).name
        specs = request.get("one_query")
        what = "Benchmark" if specs is None else "Measure the speed of"
        return self._jobs.work(
            self._body(plan, request),
            kind=JobKind.BENCHMARK,
            title=f"{what} {plan.name} on {name}",
            request=request,
            total=len(specs) if isinstance(specs, list) else 0,
            job_id=job_id,
        )

    def _body(self, plan: BenchmarkPlan, request: dict[str, Json]) -> Callable[[Task], str]:
        specs = request.get("one_query")
        if isinstance(specs, list):
            wanted = [str(spec) for spec in specs]
            return lambda task: BenchmarkRun(self._tools, plan, task).one_query(wanted)
        since = request.get("fresh_since")
        moment = None if since is None else datetime.fromisoformat(str(since))
        return lambda task: BenchmarkRun(self._tools, plan, task).everything(moment)

    @staticmethod
    def _of(plan: BenchmarkPlan, jobs: tuple[Job, ...]) -> list[Job]:
        return [
            job
            for job in jobs
            if job.kind is JobKind.BENCHMARK and isinstance(job.request, dict) and job.request.get("plan") == plan.id
        ]
