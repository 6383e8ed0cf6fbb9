"""Registering a model of one's own: the hub with a pinned revision, or a local folder."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.catalog.kinds import (
    CAPABILITIES,
    CHOSEN,
    COUNTED,
    FORMATS,
    FURTHER,
    LOCAL_KINDS,
    NUMBERED,
    OPTIONS,
    PRECISIONS,
    SWITCHED,
)
from core.domain.models import GENERAL, ModelKind
from pages._ui.escape import plain
from pages._ui.wording import counted

PLACES = {"hub": "A model of the Hugging Face hub", "folder": "A folder on this server"}
KINDS: dict[ModelKind, str] = {
    ModelKind.EMBEDDER: "One vector per text: bi-encoders, all models of sentence-transformers.",
    ModelKind.CROSS_ENCODER: "Query and document in one input, one number out: sequence classification.",
    ModelKind.CAUSAL_LM: "A language model that continues text: Llama, Qwen, Mistral and their kin.",
    ModelKind.SEQ2SEQ: "Encoder and decoder: T5 and its kin, monoT5, RankT5, duoT5, LiT5, ListT5.",
    ModelKind.MULTI_VECTOR: "One vector per token: ColBERT and PyLate models.",
    ModelKind.TRAINED_HEAD: "A language model or vectors with a small trained part on top, such as a projection.",
}
_PRECISION_HELP = (
    "fp32 unless you choose another (language models on a GPU: bf16). bf16 and fp16 may change orders; how much is "
    "measured under Models."
)
_FORMATS_HELP = (
    "Only where the weights were trained on one exact input: strategies that write it then fit, and no others. Add "
    f"'{GENERAL}' where the model follows instructions in words as well. Leave it empty for anything else."
)
_LABELS = {"pooling": "Pooling", "thinking": "Thinking", "positive_label": "Label that means relevant (from 0)"}


def register_form(app: App) -> None:
    """The form; safetensors only, no code of the model."""
    place = st.radio("Where it is", list(PLACES), format_func=PLACES.__getitem__, horizontal=True, key="register_place")
    label = "Kind" if place == "hub" else "Kind (where config.json does not state it)"
    chosen = st.selectbox(label, [str(kind) for kind in LOCAL_KINDS], index=None, key="register_kind")
    kind = None if chosen is None else ModelKind(chosen)
    if kind is not None:
        st.caption(KINDS[kind])
    with st.form("register"):
        name = st.text_input("Name here", key="register_name", placeholder="my-reranker")
        values = {**(_hub_fields() if place == "hub" else _folder_fields()), "kind": chosen, **_common(kind)}
        sent = st.form_submit_button("Register", type="primary")
    st.caption("Only safetensors weights are loaded, and never code that comes with a model.")
    if not sent:
        return
    entry = app.catalog.describe(name.strip(), {key: value for key, value in values.items() if value not in _EMPTY})
    app.systems.register(entry)
    can = counted(len(entry.capabilities), "capability", "capabilities")
    st.success(f"Registered {plain(entry.id)} with {can}. It is under Models now.")


_EMPTY: tuple[object, ...] = (None, "", [], ())


def _hub_fields() -> dict[str, object]:
    id = st.text_input("Hub id", key="register_hub", placeholder="owner/name")
    revision = st.text_input("Revision (full commit, 40 hexadecimal digits)", key="register_revision")
    return {"source": f"hub:{id.strip()}", "revision": revision.strip()}


def _folder_fields() -> dict[str, object]:
    path = st.text_input("Folder", key="register_folder", placeholder="/models/my-reranker")
    return {"source": f"folder:{path.strip()}"}


def _common(kind: ModelKind | None) -> dict[str, object]:
    formats = st.multiselect(
        "Trained input formats",
        [*FORMATS, GENERAL],
        format_func=lambda name: FORMATS.get(name, f"{GENERAL}: instructions in words as well"),
        key="register_formats",
        help=_FORMATS_HELP,
        placeholder="None: plain texts, or instructions in words",
    )
    with st.expander("More settings"):
        licence = st.text_input("Licence", key="register_licence")
        languages = st.text_input("Languages", key="register_languages", placeholder="en, de, or multilingual")
        length = st.number_input("Input limit in tokens (0: as the model says)", min_value=0, key="register_length")
        precision = st.selectbox(
            "Precision of the weights", PRECISIONS, index=None, key="register_precision", help=_PRECISION_HELP
        )
        own = {} if kind is None else _own(kind)
    told = {"licence": licence.strip(), "languages": languages.replace(",", " ").split(), "formats": formats}
    return {"max_length": int(length) or None, "precision": precision, **told, **own}


def _own(kind: ModelKind) -> dict[str, object]:
    """The settings that the adapter of this kind reads."""
    found = {key: _option(key) for key in sorted(OPTIONS[kind])}
    further = FURTHER.get(kind, frozenset()) - CAPABILITIES[kind]
    if further:
        can = st.multiselect(
            "It can also",
            sorted(map(str, further)),
            key="register_capabilities",
            help="What only some models of this kind can do. State it only where the model was trained for it.",
            placeholder="Nothing beside what every model of the kind can",
        )
        found["capabilities"] = sorted({*map(str, CAPABILITIES[kind]), *can}) if can else None
    return found


def _option(key: str) -> object:
    label, widget = _LABELS.get(key, key.replace("_", " ").capitalize()), f"register_{key}"
    if key in CHOSEN:
        return st.selectbox(label, list(CHOSEN[key]), index=None, key=widget)
    if key in SWITCHED:
        return st.selectbox(label, [True, False], index=None, key=widget, format_func=lambda on: "yes" if on else "no")
    if key in NUMBERED or key in COUNTED:
        least = 0 if key in NUMBERED else 1
        value = st.number_input(label, min_value=least, value=None, step=1, key=widget)
        return None if value is None else int(value)
    return st.text_input(label, key=widget)
