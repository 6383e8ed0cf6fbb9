"""Models: what there is, whether it can be loaded here and why not, download, and registering another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.catalog.kinds import LOCAL_KINDS, POOLINGS, PRECISIONS
from core.domain.jobs import JobKind
from core.domain.models import ModelKind
from core.services.systems import ModelStatus
from pages._ui.errors import attempt, told
from pages._ui.escape import code, plain
from pages._ui.job_panel import find_job, follow, show_end
from pages._ui.precision_panel import precision_panel
from pages._ui.urlstate import asked, choose, remember
from pages._ui.wording import UNKNOWN, Table, counted

_PRECISION_HELP = (
    "fp32 unless you choose another (language models on a GPU: bf16). bf16 and fp16 may change orders; how much is "
    "measured under Models."
)
PLACES = {"hub": "A model of the Hugging Face hub", "folder": "A folder on this server"}


def model_table(models: Sequence[ModelStatus]) -> Table:
    """One line per model."""
    return {
        "Model": [status.entry.id for status in models],
        "Kind": [str(status.entry.kind) for status in models],
        "Ready": ["yes" if status.availability.available else "no" for status in models],
        "State": [status.availability.reason for status in models],
        "Can": [", ".join(sorted(status.entry.capabilities)) for status in models],
        "Precision": [status.entry.precision for status in models],
        "Revision": [status.entry.revision[:12] for status in models],
        "Licence": [status.entry.licence or "not stated" for status in models],
        "Languages": [", ".join(status.entry.languages) or "not stated" for status in models],
        "Input limit (tokens)": [status.entry.max_length for status in models],
        "Parameters (M)": [None if (count := status.entry.parameters) is None else count / 1e6 for status in models],
    }


def show_models(app: App) -> None:
    """The table and, below it, one model with what can be done with it."""
    models = app.systems.models()
    config = {"Parameters (M)": st.column_config.NumberColumn(format="%.1f")}
    st.dataframe(model_table(models), hide_index=True, column_config=config, width="stretch", placeholder=UNKNOWN)
    narrow, _ = st.columns([1, 2])
    with narrow:
        id = choose("Model", [status.entry.id for status in models], name="model")
    _show(app, next(status for status in models if status.entry.id == id))
    st.caption(
        "Endpoints (OpenAI-compatible servers and /rerank services) are named by the operator in runoff.toml, "
        "see docs/configuration.md."
    )


def _show(app: App, status: ModelStatus) -> None:
    entry, available = status.entry, status.availability
    st.markdown(f"**{plain(entry.title or entry.id)}** from {code(entry.source)}, revision {code(entry.revision)}")
    if available.available:
        st.caption(f"Can be loaded: {plain(available.reason)}.")
    else:
        st.warning(f"Cannot be loaded: {plain(available.reason)}. {plain(available.how)}")
    _download(app, status)
    if status.registered:
        st.button(
            "Remove this model", key=f"remove-{entry.id}", on_click=attempt, args=(app.systems.unregister, entry.id)
        )
    precision_panel(app, entry)


def _download(app: App, status: ModelStatus) -> None:
    entry = status.entry
    job = find_job(app, asked("job"))
    if job is not None and job.kind is JobKind.FETCH and job.request == {"model": entry.id}:
        if not job.state.ended:
            follow(app, job)
            return
        show_end(job)
    if entry.source.startswith("hub:") and not status.availability.available:
        st.button("Download", key=f"fetch-{entry.id}", type="primary", on_click=_fetch, args=(app, status))


def _fetch(app: App, status: ModelStatus) -> None:
    with told():
        remember("job", app.jobs.fetch(status.entry).id)


def register_form(app: App) -> None:
    """A model of the hub with a pinned revision, or a local folder; safetensors only, no code of the model."""
    place = st.radio("Where it is", list(PLACES), format_func=PLACES.__getitem__, horizontal=True, key="register_place")
    with st.form("register"):
        name = st.text_input("Name here", key="register_name", placeholder="my-reranker")
        values: dict[str, object] = _hub_fields() if place == "hub" else _folder_fields()
        sent = st.form_submit_button("Register", type="primary")
    st.caption("Only safetensors weights are loaded, and never code that comes with a model.")
    if not sent:
        return
    entry = app.catalog.describe(name.strip(), {key: value for key, value in values.items() if value})
    app.systems.register(entry)
    can = counted(len(entry.capabilities), "capability", "capabilities")
    st.success(f"Registered {plain(entry.id)} with {can}. It is under Models now.")


def _hub_fields() -> dict[str, object]:
    id = st.text_input("Hub id", key="register_hub", placeholder="owner/name")
    revision = st.text_input("Revision (full commit, 40 hexadecimal digits)", key="register_revision")
    return {"source": f"hub:{id.strip()}", "revision": revision.strip(), **_common("Kind")}


def _folder_fields() -> dict[str, object]:
    path = st.text_input("Folder", key="register_folder", placeholder="/models/my-reranker")
    return {"source": f"folder:{path.strip()}", **_common("Kind (where config.json does not state it)")}


def _common(kind_label: str) -> dict[str, object]:
    kind = st.selectbox(kind_label, [str(kind) for kind in LOCAL_KINDS], index=None, key="register_kind")
    with st.expander("More settings"):
        licence = st.text_input("Licence", key="register_licence")
        languages = st.text_input("Languages", key="register_languages", placeholder="en, de, or multilingual")
        length = st.number_input("Input limit in tokens (0: as the model says)", min_value=0, key="register_length")
        precision = st.selectbox(
            "Precision of the weights", PRECISIONS, index=None, key="register_precision", help=_PRECISION_HELP
        )
        pooling = st.selectbox("Pooling (embedders)", list(POOLINGS), index=None, key="register_pooling")
        query = st.text_input("Query prefix", key="register_query_prefix")
        document = st.text_input("Document prefix", key="register_document_prefix")
    own = {"query_prefix": query, "document_prefix": document} if kind != ModelKind.CAUSAL_LM else {}
    pooled = {"pooling": pooling} if kind == ModelKind.EMBEDDER else {}
    told = {"licence": licence.strip(), "languages": languages.replace(",", " ").split()}
    return {"kind": kind, "max_length": int(length), "precision": precision or "", **told, **own, **pooled}
