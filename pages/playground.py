"""Playground: how do these systems order this query?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.bootstrap import App
from core.domain.documents import CandidateList
from core.domain.jobs import Job
from pages._ui import comparison_panels as panels
from pages._ui import guard, ran_on
from pages._ui.errors import told
from pages._ui.job_panel import AT_ONCE_S, find_job, follow, show_end
from pages._ui.list_choice import choose_list
from pages._ui.ranking_view import ranking_view
from pages._ui.session import app
from pages._ui.system_choice import LEAST, choose_systems, forecast_line
from pages._ui.trace_dialog import open_trace, show_asked, trace_links
from pages._ui.urlstate import asked, remember, switch

VIEWS = {"movement": "Movement", "bump": "Bump chart", "table": "Table"}


def start(runoff: App, candidates: CandidateList, specs: list[str]) -> None:
    """Run: what is missing is ranked; the job's id goes into the URL. What is quick is there when the page is drawn."""
    with told():
        job = runoff.playground.compare(candidates, specs)
        remember("job", job.id)
        runoff.jobs.wait(job.id, AT_ONCE_S)


def job_of(runoff: App, candidates: CandidateList) -> Job | None:
    """The job in the URL where it ranks this list; that of another query leaves the URL."""
    job = find_job(runoff, asked("job"))
    if job is not None and isinstance(job.request, dict) and job.request.get("lists") == [candidates.hash]:
        return job
    remember("job", "")
    return None


def run_line(runoff: App, candidates: CandidateList, specs: list[str]) -> str:
    """Forecast and Run, or progress while a job runs; returns what stands in columns that are not there yet."""
    job = job_of(runoff, candidates)
    if job is not None and not job.state.ended:
        follow(runoff, job, redraw=True)
        return "Running"
    forecast = forecast_line(runoff.playground.forecast(candidates, specs))
    if job is not None:
        show_end(job)
    if forecast:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Run", type="primary", on_click=start, args=(runoff, candidates, specs))
            st.markdown(f":small[{forecast}]")
    return "Not run yet. Press Run."


def results(runoff: App, candidates: CandidateList, specs: list[str], waiting: str) -> None:
    """The comparison as it stands."""
    comparison = runoff.playground.view(candidates, specs)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        view = switch("View", list(VIEWS), name="view", shown=VIEWS.__getitem__)
        grades = bool(comparison.labels) and st.toggle(
            "Relevance labels", value=True, key="labels", bind="query-params"
        )
    if view == "movement":
        open_one = partial(open_trace, runoff, candidates)
        ranking_view(comparison, grades=grades, waiting=waiting, key="rankings", on_trace=open_one)
    elif view == "bump":
        panels.show_bump(comparison)
    else:
        panels.show_ranks(comparison, grades=grades)
    if view != "movement":
        trace_links(runoff, candidates, comparison.columns)
    panels.show_reasoning(comparison.columns)
    panels.show_costs(comparison, grades=grades)
    ran_on.precisions(runoff, specs)
    panels.show_agreement(comparison)
    show_asked(runoff, candidates, comparison.columns)


guard.enter()
with told():
    runoff = app()
    candidates = choose_list(runoff)
    specs = choose_systems(runoff, candidates=candidates)
    if candidates is None:
        st.info("Enter a query and its documents above; the systems then order them side by side.")
    elif len(specs) < LEAST:
        st.info("Choose at least two systems to compare.")
    else:
        results(runoff, candidates, specs, run_line(runoff, candidates, specs))
