"""Benchmark: how good on all queries, and is the difference real?"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
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

_DRAWN = "benchmark_drawn"  # id of the plan on the screen, empty for the form


def show(runoff: App, plan: BenchmarkPlan) -> None:
    """One benchmark: its run, then what it has found so far."""
    remember("systems", "")  # of the form for a new plan
    run, waiting, below = parts(plan.id)
    with run:
        plan_line(runoff, plan)
        with told():
            run_panel(runoff, plan)
    with told():
        with waiting, st.spinner("Comparing the systems ..."):
            results = results_of(runoff, plan)
        if results.rows:
            with below.container():
                answer(runoff, results)
                sections(runoff, results)
                take_along(runoff, results)


def ask(runoff: App, collection: Collection) -> None:
    """The form for a new plan."""
    *_, below = parts("")
    with below.container():
        first = not runoff.benchmarks.all()
        if first:
            welcome(runoff)
        plan_form(runoff, collection, first=first)


def parts(drawn: str) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Places of the run, of the word while results are computed, and of the results or the form. For another plan than
    before the last one is emptied: what the browser shows there would stay, greyed out, until they are computed."""
    run, waiting = st.container(), st.container()
    if st.session_state.get(_DRAWN) == drawn:
        return run, waiting, st.container()
    st.session_state[_DRAWN] = drawn
    return run, waiting, st.empty()


guard.enter()
with told():
    runoff = app()
    collection, plan = choose_plan(runoff)
    if plan is not None:
        show(runoff, plan)
    else:
        ask(runoff, collection)
