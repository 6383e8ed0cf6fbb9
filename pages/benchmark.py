"""Benchmark: how good on all queries, and is the difference real?"""

from __future__ import annotations

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from pages._ui import guard
from pages._ui.benchmark.answer import answer, results_of
from pages._ui.benchmark.plan_choice import choose_plan
from pages._ui.benchmark.plan_form import plan_form, welcome
from pages._ui.benchmark.plan_line import plan_line
from pages._ui.benchmark.run_panel import run_panel
from pages._ui.benchmark.sections import sections
from pages._ui.benchmark.take_along import take_along
from pages._ui.errors import told
from pages._ui.session import app
from pages._ui.urlstate import remember


def show(runoff: App, plan: BenchmarkPlan) -> None:
    """One benchmark: its run, then what it has found so far."""
    remember("systems", "")  # of the form for a new plan
    plan_line(runoff, plan)
    with told():
        run_panel(runoff, plan)
    with told():
        results = results_of(runoff, plan)
        if results.rows:
            answer(results)
            sections(runoff, results)
            take_along(runoff, results)


guard.enter()
with told():
    runoff = app()
    collection, plan = choose_plan(runoff)
    if plan is not None:
        show(runoff, plan)
    else:
        first = not runoff.benchmarks.all()
        if first:
            welcome(runoff)
        plan_form(runoff, collection, first=first)
