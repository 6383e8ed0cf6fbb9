"""A running job: progress once a second while it runs, and Cancel. When it ends the page is drawn once more.

Cancel is answered at once: the job has ended when the panel is drawn again, or the button says that it is being
cancelled.
"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.errors import UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from pages._ui.errors import attempt, told
from pages._ui.escape import plain
from pages._ui.wording import size

EVERY_SECONDS = 1
AT_ONCE_S = 0.3  # how long a page waits for what mostly takes no time
CANCELLED, NOTHING = "Cancelled.", "othing was imported"  # what messages of jobs say already
IN_BYTES = frozenset({JobKind.FETCH, JobKind.IMPORT})  # jobs that count bytes
UNITS = {
    JobKind.BENCHMARK: "rankings and timings",
    JobKind.PRECISION: "timed rankings",
    JobKind.TRACE: "model calls",
}  # of the jobs that count something else than rankings


def find_job(app: App, job_id: str) -> Job | None:
    """The job of a URL, or None where this installation does not know it."""
    try:
        return app.jobs.get(job_id) if job_id else None
    except UnknownNameError:
        return None


def follow(app: App, job: Job, *, redraw: bool = False) -> None:
    """Progress of a job that has not ended; ``redraw`` draws the page again whenever something was finished."""
    seen = job.done if redraw else -1
    _panel(app, job.id, seen)


@st.fragment(run_every=EVERY_SECONDS)
def _panel(app: App, job_id: str, seen: int) -> None:
    with told():
        job = app.jobs.get(job_id)
        if job.state.ended:
            st.session_state.pop(_stopping(job_id), None)
        if job.state.ended or (seen >= 0 and job.done != seen):
            st.rerun()
        stopping = st.session_state.get(_stopping(job_id), False)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(share(job), text=progress_text(job, waiting=app.jobs.waits_for(job_id)))
            st.button(
                "Cancelling" if stopping else "Cancel",
                key=f"cancel-{job_id}",
                on_click=attempt,
                args=(_cancel, app, job_id),
                disabled=stopping,
            )


def _cancel(app: App, job_id: str) -> None:
    app.jobs.cancel(job_id)
    st.session_state[_stopping(job_id)] = True
    app.jobs.wait(job_id, AT_ONCE_S)


def _stopping(job_id: str) -> str:
    return f"cancelling-{job_id}"


def share(job: Job) -> float:
    """How much is done, from 0 to 1."""
    return min(job.done / job.total, 1.0) if job.total else 0.0


def progress_text(job: Job, *, waiting: str = "") -> str:
    """Title, figures with their unit, and what is going on or is waited for, in Markdown."""
    if not job.total:
        done = size(job.done) if job.done and job.kind in IN_BYTES else "starting"
    elif job.kind in IN_BYTES:
        done = f"{size(job.done)} of {size(job.total)}"
    else:
        done = f"{job.done:,} of {job.total:,} {UNITS.get(job.kind, 'rankings')}"
    said = waiting or job.message
    note = f" ({plain(said)})" if said else ""
    return f"{plain(job.title)}: {done}{note}"


def show_end(job: Job) -> None:
    """One line on a job that ended badly; nothing where it is done without failures."""
    if job.state is JobState.FAILED:
        nothing = " Nothing was imported." if job.kind is JobKind.IMPORT and NOTHING not in job.message else ""
        st.error(f"{plain(job.title)} failed: {plain(job.message)}{nothing}")
    elif job.state is JobState.CANCELLED:
        kept = "nothing was imported" if job.kind is JobKind.IMPORT else "finished rankings are kept"
        more = "" if job.message == CANCELLED else f" {plain(job.message)}"
        st.info(f"{plain(job.title)} was cancelled; {kept}.{more}")
    elif job.message:
        st.warning(plain(job.message))
