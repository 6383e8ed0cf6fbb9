"""The precision of one model: what was measured against fp32, and measuring it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.jobs import Job, JobKind
from core.domain.models import ModelEntry
from core.domain.precision import FULL, PrecisionCheck
from core.services.precision.lowering import LOWER
from pages._ui.errors import told
from pages._ui.escape import plain
from pages._ui.job_panel import find_job, follow, show_end
from pages._ui.urlstate import asked, remember
from pages._ui.wording import UNKNOWN, Table, seconds

_FEW = 20  # queries of a first look


def precision_panel(app: App, model: ModelEntry) -> None:
    """Nothing for a model whose weights do not run here."""
    if not app.precision.can_be_lowered(model):
        return
    st.subheader("Precision", anchor=False)
    checks = app.precision.of_model(model.id)
    st.markdown(_standing(model, checks))
    if checks:
        st.dataframe(table(checks), hide_index=True, width="stretch", placeholder=UNKNOWN, column_config=_columns())
    _measuring(app, model)


def _standing(model: ModelEntry, checks: Sequence[PrecisionCheck]) -> str:
    if model.precision == FULL:
        return f"Runs in {FULL}. Lower precisions are set in runoff.toml or when a model is registered."
    known = any(check.precision == model.precision for check in checks)
    tail = "" if known else f" What that changes against {FULL} was not measured yet."
    return f"Runs in **{plain(model.precision)}**, an option that may change orders.{tail}"


def table(checks: Sequence[PrecisionCheck]) -> Table:
    """A line per system and device, newest first."""
    return {
        "System": [check.spec for check in checks],
        "Precision": [check.precision for check in checks],
        "Kendall tau": [f"{check.tau:.3f}" for check in checks],
        "95 %": [UNKNOWN if c.tau_low is None else f"{c.tau_low:.3f} to {c.tau_high:.3f}" for c in checks],
        "Same order": [f"{check.unchanged:.0%}" for check in checks],
        "nDCG@5": [_pair(check.full_ndcg, check.ndcg) for check in checks],
        "Time per query": [_times(check) for check in checks],
        "Queries": [check.queries for check in checks],
        "Ran on": [check.machine for check in checks],
    }


def _pair(full: float | None, lower: float | None) -> str:
    return UNKNOWN if full is None or lower is None else f"{full:.3f} \u2192 {lower:.3f}"


def _times(check: PrecisionCheck) -> str:
    if check.full_seconds is None or check.seconds is None:
        return UNKNOWN
    return f"{seconds(check.full_seconds)} \u2192 {seconds(check.seconds)}"


def _columns() -> dict[str, object]:
    text = st.column_config.TextColumn
    change = f"In {FULL}, then in the lower precision."
    return {
        "System": text(pinned=True, width=190),
        "Kendall tau": text(
            alignment="right", help=f"Mean over queries of both orders, against {FULL}; 1 is the same."
        ),
        "95 %": text(alignment="right", help="Bootstrap interval over queries."),
        "Same order": text(alignment="right", help="Queries whose order did not change at all."),
        "nDCG@5": text(alignment="right", help=change),
        "Time per query": text(alignment="right", help=f"{change} One query at a time, answer cache off."),
    }


def _measuring(app: App, model: ModelEntry) -> None:
    job = find_job(app, asked("job"))
    if job is not None and job.kind is JobKind.PRECISION and _of(job) == model.id:
        if not job.state.ended:
            follow(app, job)
            return
        show_end(job)
    lower, queries = f"precision_choice_{model.id}", f"precision_queries_{model.id}"
    with st.form(f"precision-{model.id}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Precision", LOWER, index=_index(model), key=lower, width=140)
        st.number_input("Queries (0: all)", min_value=0, value=_FEW, key=queries, width=180)
        st.form_submit_button(f"Measure against {FULL}", on_click=_start, args=(app, model, lower, queries))
    st.caption(
        "Ranks queries of the sample collection in both precisions, one at a time and without the answer cache. "
        "Work in the background waits meanwhile; people's work goes first."
    )


def _start(app: App, model: ModelEntry, lower: str, queries: str) -> None:
    """``lower``, ``queries``: keys of the fields."""
    with told():
        state = st.session_state
        job, _ = app.precision.start(model.id, precision=state[lower], queries=int(state[queries]))
        remember("job", job.id)


def _of(job: Job) -> object:
    return job.request.get("model") if isinstance(job.request, dict) else None


def _index(model: ModelEntry) -> int:
    return LOWER.index(model.precision) if model.precision in LOWER else 0
