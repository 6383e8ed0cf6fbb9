"""Imports that run, and how the one of the URL ended: figures, warnings, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.datasets.ir_dataset import PREFIX
from core.datasets.request import request_from
from core.domain.errors import UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from pages._ui.escape import plain
from pages._ui.job_panel import find_job, follow, show_end
from pages._ui.navigation import BENCHMARK, PLAYGROUND
from pages._ui.urlstate import asked, put, remember
from pages._ui.wording import counted

BROWSE = "browse"  # the mode of the page that shows collections


def show_imports(app: App) -> bool:
    """Progress or end of the import of the URL; whether it takes the place of the form. Others that run come below."""
    job = find_job(app, asked("job"))
    mine = job if job is not None and job.kind is JobKind.IMPORT else None
    for other in app.imports.running():
        if mine is None or other.id != mine.id:
            follow(app, other)
    if mine is None:
        return False
    if not mine.state.ended:
        follow(app, mine)
        st.caption("Everything is checked before anything is imported. You may leave this page and come back.")
        return True
    if mine.state is JobState.DONE:
        _done(app, mine)
    else:
        show_end(mine)
    if mine.state is not JobState.DONE and (fields := fields_of(mine)):
        st.button("Change it and try again", type="primary", key="import_again", on_click=_again, args=(fields,))
    st.button("Import another collection", key="import_another", on_click=remember, args=("job", ""))
    return True


def fields_of(job: Job) -> dict[str, str]:
    """The form of an import from this server or by id as it was filled in: key of each field to its value. Empty where
    files were sent, which are gone."""
    if not isinstance(job.request, Mapping):
        return {}
    request = request_from(job.request)
    if request.uploaded:
        return {}
    common = {"import_name": request.name, "import_language": request.language}
    if request.source.startswith(PREFIX):
        return {**common, "choice_from": "id", "import_id": request.source.removeprefix(PREFIX)}
    return {
        **common,
        "choice_from": "server",
        "import_path": request.source,
        "import_format": request.format,
        "import_queries": request.queries,
        "import_qrels": "\n".join(request.qrels),
        "import_runs": "\n".join(request.runs),
    }


def _again(fields: Mapping[str, str]) -> None:
    for key, value in fields.items():
        st.session_state[key] = value
    put("from", fields["choice_from"])
    remember("job", "")


def _look(name: str) -> None:
    put("collection", name)
    put("mode", BROWSE)
    remember("job", "")


def _done(app: App, job: Job) -> None:
    name = str(job.request.get("name", "")).strip() if isinstance(job.request, Mapping) else ""
    try:
        collection = app.collections.get(name)
    except UnknownNameError:
        st.info(f"{plain(job.title)} is done; the collection has another name now.")
        return
    st.success(
        f"Imported {plain(collection.name)}: {counted(collection.documents, 'document')}, "
        f"{counted(collection.queries, 'query', 'queries')}, {counted(collection.judgments, 'judgment')}."
    )
    for warning in job.message.splitlines():
        st.warning(plain(warning))
    st.markdown("What next?")
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = {"collection": collection.name}
        st.page_link(PLAYGROUND, label="Compare systems on a query", query_params=wanted)
        if collection.queries:
            st.page_link(BENCHMARK, label="Measure systems on all queries", query_params=wanted)
        st.button("Look into it", key="import_look", type="tertiary", on_click=_look, args=(collection.name,))
