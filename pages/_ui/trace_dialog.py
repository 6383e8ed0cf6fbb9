"""The trace of a ranking in a dialog over the page: a line of figures, a drawing, and the list of requests.

Nothing of it is computed before somebody asks. Which ranking it is of stands in the URL as ``trace``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.documents import CandidateList
from core.domain.jobs import Job, JobState
from core.domain.rankings import Ranking
from core.domain.traces import Trace, TracedRun
from core.services.playground import Column
from core.services.trace_reading import totals
from pages._ui import trace_figures
from pages._ui.errors import told
from pages._ui.escape import code, plain
from pages._ui.job_panel import AT_ONCE_S, follow
from pages._ui.theme import PLOT, ink
from pages._ui.trace_requests import PAGE, Shown, matching, show_requests
from pages._ui.urlstate import asked, remember
from pages._ui.wording import counted, title_of

NAME = "trace"
ALL = ""
REPAIRS = 20  # that are shown
_JOB = "trace_job"
_DRAWINGS = {"meetings": "Who met whom", "order": "How the order came about"}


def open_trace(app: App, candidates: CandidateList, spec: str) -> None:
    """Callback: ask for the trace of a ranking; what is quick is there when the dialog is drawn."""
    with told():
        remember(NAME, spec)
        if app.tracing.of(candidates, spec) is None:
            _start(app, candidates, spec)


def trace_links(app: App, candidates: CandidateList, columns: Sequence[Column]) -> None:
    """A quiet button for every ranking, below a view that has no columns to put them under."""
    ranked = [column.system.spec for column in columns if column.ranking]
    if not ranked:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":small[Trace of]", width="content")
        for spec in ranked:
            st.button(
                code(spec),
                type="tertiary",
                key=f"trace_{spec}",
                help="Every prompt, answer and decision of this ranking.",
                on_click=open_trace,
                args=(app, candidates, spec),
            )


def show_asked(app: App, candidates: CandidateList, columns: Sequence[Column]) -> None:
    """The dialog, where the URL asks for the trace of a ranking that is there."""
    wanted = asked(NAME)
    found = next((column for column in columns if wanted and column.system.spec == wanted), None)
    if found is not None and found.ranking is not None:
        _dialog(app, candidates, found.system.spec, found.ranking)


def _close() -> None:
    remember(NAME, "")


def _start(app: App, candidates: CandidateList, spec: str) -> None:
    job = app.tracing.start(candidates, spec)
    st.session_state[_JOB] = job.id
    app.jobs.wait(job.id, AT_ONCE_S)


def _retry(app: App, candidates: CandidateList, spec: str) -> None:
    with told():
        _start(app, candidates, spec)


@st.dialog("Trace", width="large", on_dismiss=_close)
def _dialog(app: App, candidates: CandidateList, spec: str, ranking: Ranking) -> None:
    with told():
        trace = app.tracing.of(candidates, spec)
        if trace is None:
            _making(app, candidates, spec)
        else:
            _show(trace, spec, ranking, {document.id: title_of(document) for document in candidates.documents})


def _making(app: App, candidates: CandidateList, spec: str) -> None:
    """Progress, or why there is no trace and a button."""
    job = app.tracing.running(candidates, spec)
    if job is not None:
        follow(app, job)
        return
    last = _last_job(app, candidates)
    if last is not None and last.state is JobState.FAILED:
        st.error(f"There is no trace: {plain(last.message)}")
    st.markdown(
        f"{code(spec)} is run once more with everything recorded. Its answers are known already as long as they are in "
        "the cache, so this is mostly quick."
    )
    st.button("Make the trace", type="primary", on_click=_retry, args=(app, candidates, spec))


def _last_job(app: App, candidates: CandidateList) -> Job | None:
    id = st.session_state.get(_JOB)
    job = app.jobs.get(id) if id else None
    mine = job is not None and isinstance(job.request, dict) and job.request.get("list") == candidates.hash
    return job if mine else None


def _show(trace: Trace, spec: str, ranking: Ranking, titles: Mapping[str, str]) -> None:
    st.markdown(f"{code(spec)}: {summary(trace)}")
    if trace.run.order != ranking.order:
        st.warning(
            "This replay gives another order than the ranking on the page, which was made with other answers. Run the "
            "system again after its models have changed."
        )
    if trace.left_out:
        kept = trace.asked - trace.left_out
        st.caption(f"{kept:,} of {trace.asked:,} requests are kept: the first and the last.")
    run = _chosen(trace)
    _drawing(run, titles)
    _repairs(run)
    _requests(Shown(trace=trace, run=run, titles=titles))


def summary(trace: Trace) -> str:
    """``14 calls in 7 rounds, 14 answers from the cache; 4,626 tokens read, 0 written; no repairs.``"""
    found = totals(trace)
    mended = counted(found.repairs, "repair") if found.repairs else "no repairs"
    return (
        f"{counted(found.calls, 'call')} in {counted(found.rounds, 'round')}, "
        f"{counted(found.cached, 'answer')} from the cache; {counted(found.prompt_tokens, 'token')} read, "
        f"{found.generated_tokens:,} written; {mended}."
    )


def _chosen(trace: Trace) -> TracedRun:
    """The system, or one of its members, where it has any."""
    runs = trace.runs()
    if len(runs) == 1:
        return trace.run
    names = [run.system if not run.path else f"{run.path}: {run.system}" for run in runs]
    place = st.selectbox(
        "Show", range(len(runs)), format_func=names.__getitem__, key=f"trace_run_{trace.system}_{trace.candidates}"
    )
    return runs[place or 0]


def _drawing(run: TracedRun, titles: Mapping[str, str]) -> None:
    """Meetings, or the evolution of the order where the strategy's steps say it."""
    offered = [name for name in _DRAWINGS if name == "meetings" or any(step.order for step in run.steps)]
    chosen = offered[0]
    if len(offered) > 1:
        chosen = (
            st.segmented_control(
                "Drawing",
                offered,
                default=offered[0],
                format_func=_DRAWINGS.__getitem__,
                label_visibility="collapsed",
                key="trace_drawing",
            )
            or chosen
        )
    make = trace_figures.meetings_figure if chosen == "meetings" else trace_figures.order_figure
    figure = make(run, titles, ink())
    if figure is None:
        st.caption("No request of this ranking shows a document: its order comes without asking a model.")
        return
    st.plotly_chart(figure, config=PLOT, key=f"trace_{chosen}", alt=trace_figures.said(run, chosen))
    st.caption(trace_figures.legend(run, chosen))


def _repairs(run: TracedRun) -> None:
    if run.repairs:
        with st.expander(f"{counted(len(run.repairs), 'repair')} of malformed output"):
            for repair in run.repairs[:REPAIRS]:
                st.text(repair)
            if len(run.repairs) > REPAIRS:
                st.caption(f"and {len(run.repairs) - REPAIRS:,} more")


def _requests(shown: Shown) -> None:
    """Filters, one page of requests, and the way to the others. Widgets belong to this run and to no other."""
    mine = f"trace_{shown.trace.system[:12]}_{shown.trace.candidates[:12]}_{shown.run.path}"
    st.subheader("Requests", anchor=False)
    left, middle, right = st.columns([4, 3, 2], vertical_alignment="bottom")
    document = left.selectbox(
        "Document",
        [ALL, *shown.run.candidates],
        format_func=lambda id: shown.title(id) if id else "All documents",
        key=f"{mine}_document",
    )
    repaired = middle.toggle("Only repaired answers", key=f"{mine}_repaired")
    found = matching(shown.run, document=document or ALL, incomplete=repaired)
    pages = max(1, -(-len(found) // PAGE))
    page = 1
    if pages > 1:
        page = int(right.number_input(f"Page of {pages}", 1, pages, key=f"{mine}_page_{document}_{repaired}"))
    if not found:
        st.caption("No request is like that.")
        return
    begin = (page - 1) * PAGE
    if pages > 1 or document or repaired:
        st.caption(f"{begin + 1:,} to {min(begin + PAGE, len(found)):,} of {counted(len(found), 'request')}.")
    show_requests(shown, found[begin : begin + PAGE], key="trace_requests")
