"""A plan's run: forecast and Start before, cells filling in while it runs, Resume after an interruption."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.jobs import Job
from core.services.benchmarks.views import Progress
from pages._ui.benchmark.forecast import forecast
from pages._ui.benchmark.progress_tables import finished, matrix, totals
from pages._ui.errors import attempt, told
from pages._ui.job_panel import EVERY_SECONDS, progress_text, share, show_end
from pages._ui.wording import counted, seconds


def run_panel(app: App, plan: BenchmarkPlan) -> None:
    """Whatever the state of the plan asks for."""
    progress = app.benchmarks.progress(plan)
    if app.benchmarks.running(plan) is not None:
        _running(app, plan, seen(progress))
    else:
        _still(app, plan, progress)


def seen(progress: Progress) -> tuple[object, ...]:
    """What the results below hang on; the page is drawn again when it changes."""
    return (*finished(progress), progress.probes_done)


@st.fragment(run_every=EVERY_SECONDS)
def _running(app: App, plan: BenchmarkPlan, drawn: tuple[object, ...]) -> None:
    with told():
        job = app.benchmarks.running(plan)
        progress = app.benchmarks.progress(plan)
        if job is None or seen(progress) != drawn:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(share(job), text=f"{progress_text(job)}{left_said(progress)}")
            st.button("Cancel", key=f"cancel-{job.id}", on_click=attempt, args=(app.benchmarks.cancel, plan))
        show_matrix(progress)


def left_said(progress: Progress) -> str:
    """Time left of all rankings, in Markdown."""
    left = progress.seconds_left
    if left is None:
        return " · time left is known once every system has ranked a list"
    return f" · about {seconds(left)} of ranking left" if left else ""


def show_matrix(progress: Progress) -> None:
    """Systems by forms of the lists, each cell a bar."""
    full = totals(progress)
    st.dataframe(
        matrix(progress),
        hide_index=True,
        width="stretch",
        key="matrix",
        column_config={
            "System": st.column_config.TextColumn(pinned=True, width=190),
            **{
                name: st.column_config.ProgressColumn(
                    min_value=0, max_value=max(1, total), format=f"%d of {total:,}", width=150
                )
                for name, total in full.items()
            },
            "Time left": st.column_config.TextColumn(alignment="right", width=120),
            "Failed": st.column_config.NumberColumn(format="localized", width=70),
            "Latest failure": st.column_config.TextColumn(width="large"),
        },
    )
    if progress.probes:
        st.caption(f"Latency probe: {progress.probes_done} of {counted(progress.probes, 'measurement')} made.")


def _still(app: App, plan: BenchmarkPlan, progress: Progress) -> None:
    """Nothing runs: what came of the latest run, what is left, and the button."""
    latest = app.benchmarks.latest(plan)
    if complete(progress):
        return
    if latest is not None:
        show_end(latest)
    done = sum(cell.done for cell in progress.cells)
    st.button(
        button_label(progress, latest),
        type="primary",
        key="start",
        on_click=attempt,
        args=(app.benchmarks.start, plan),
    )
    if done:
        st.caption(f"{counted(done, 'ranking')} of {total(progress):,} are there; everything finished stays.")
    begun = was_started(latest) or any(cell.failed for cell in progress.cells)
    if begun:
        show_matrix(progress)
    forecast(app, plan, progress, table=not begun)


def button_label(progress: Progress, latest: Job | None) -> str:
    """``Start`` at first, ``Resume`` after an interruption, ``Run the failed ones again`` where only those lack."""
    lacking = [cell for cell in progress.cells if not cell.complete]
    if lacking and all(cell.done + cell.failed == cell.total for cell in lacking):
        return "Run the failed ones again"
    return "Resume" if was_started(latest) else "Start"


def was_started(latest: Job | None) -> bool:
    """Whether a whole run was begun before; measuring one query is none."""
    return latest is not None and isinstance(latest.request, dict) and "one_query" not in latest.request


def complete(progress: Progress) -> bool:
    """Whether nothing is left to run."""
    return all(cell.complete for cell in progress.cells) and progress.probes_done >= progress.probes


def total(progress: Progress) -> int:
    """Rankings of all cells."""
    return sum(cell.total for cell in progress.cells)
