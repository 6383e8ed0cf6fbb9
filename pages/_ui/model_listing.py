"""The models that match what is asked for: those of this installation first, well-known checkpoints beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.bootstrap import App
from core.services.model_checks import ModelCheck
from core.services.systems import ModelStatus
from pages._ui.urlstate import asked, remember, switch
from pages._ui.wording import UNKNOWN, Table

NAME = "model"
_PART = "models"
_ANY = "Any"
_UNVERIFIED = "unverified"
_BILLION = 1_000_000_000
SIZES: dict[str, Callable[[int | None], bool]] = {
    _ANY: lambda _count: True,
    "up to 0.2 B": lambda count: count is not None and count <= 0.2 * _BILLION,
    "0.2 to 1 B": lambda count: count is not None and 0.2 * _BILLION < count <= _BILLION,
    "1 to 5 B": lambda count: count is not None and _BILLION < count <= 5 * _BILLION,
    "over 5 B": lambda count: count is not None and count > 5 * _BILLION,
    _UNVERIFIED: lambda count: count is None,
}


def show_list(app: App) -> tuple[ModelStatus, ModelCheck] | None:
    """The list with its filters, and the model that is open; None where none matches."""
    checks = {check.entry.id: check for check in app.systems.check()}
    models = app.systems.models()
    here = [status for status in models if status.checkpoint is None or status.availability.available]
    known = [status for status in models if status.checkpoint is not None]
    parts = {"here": f"Here ({len(here)})", "known": f"Well-known checkpoints ({len(known)})"}
    if not asked(_PART) and asked(NAME) in {status.entry.id for status in known} - {status.entry.id for status in here}:
        remember(_PART, "known")  # a link to one of them
    part = switch("Which models", list(parts), name=_PART, shown=parts.__getitem__)
    shown = _matching(here if part == "here" else known, checks)
    if not shown:
        st.info("No model matches. Try fewer words or another filter.")
        return None
    chosen = _pick(shown, checks)
    return chosen, checks[chosen.entry.id]


def _matching(models: Sequence[ModelStatus], checks: dict[str, ModelCheck]) -> list[ModelStatus]:
    if len(models) <= 8:
        return list(models)
    words = st.text_input("Search", key="model_search", placeholder="monot5, colbert, qwen ...").lower().split()
    with st.expander("Filters"):
        kinds = sorted({str(status.entry.kind) for status in models})
        licences = sorted({_licence(status) for status in models})
        kind = st.selectbox("Kind", [_ANY, *kinds], key="model_kind")
        size = st.selectbox("Size in parameters", list(SIZES), key="model_size")
        licence = st.selectbox("Licence", [_ANY, *licences], key="model_licence")
        fits = st.toggle("Fits this machine", key="model_fits", help="Needs no code of its own, and its weights fit.")
    return [
        status
        for status in models
        if all(word in _text(status) for word in words)
        and kind in (_ANY, str(status.entry.kind))
        and licence in (_ANY, _licence(status))
        and SIZES[size](status.entry.parameters)
        and (not fits or _may_fit(status, checks[status.entry.id]))
    ]


def _pick(found: Sequence[ModelStatus], checks: dict[str, ModelCheck]) -> ModelStatus:
    ids = [status.entry.id for status in found]
    row = ids.index(asked(NAME)) if asked(NAME) in ids else 0
    state = st.dataframe(
        model_table(found, checks),
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(found), 560),
        column_config={
            "Model": st.column_config.TextColumn(width=185),
            "Here": st.column_config.TextColumn(width=50, help="Whether it can be loaded on this machine now."),
            "Size": st.column_config.NumberColumn(format="compact", width=65, help="Parameters."),
        },
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [row]}},
        placeholder=UNKNOWN,
        key=f"model_table_{hash(tuple(ids))}",
    )
    rows = state["selection"]["rows"]
    chosen = found[rows[0]] if rows and rows[0] < len(found) else found[row]
    remember(NAME, chosen.entry.id)
    return chosen


def model_table(models: Sequence[ModelStatus], checks: dict[str, ModelCheck]) -> Table:
    """One line per model."""
    return {
        "Model": [status.entry.id for status in models],
        "Here": ["yes" if checks[status.entry.id].loads else "no" for status in models],
        "Size": [status.entry.parameters for status in models],
        "Kind": [str(status.entry.kind) for status in models],
        "Licence": [_licence(status) for status in models],
        "Why not": ["; ".join(checks[status.entry.id].reasons) for status in models],
    }


def _licence(status: ModelStatus) -> str:
    return status.entry.licence or (_UNVERIFIED if status.checkpoint else "not stated")


def _may_fit(status: ModelStatus, check: ModelCheck) -> bool:
    """Whether nothing but the download stands in the way, as far as is known."""
    if status.checkpoint is not None and status.checkpoint.needs_code.value:
        return False
    return check.needed_bytes is not None and (check.free_bytes is None or check.needed_bytes <= check.free_bytes)


def _text(status: ModelStatus) -> str:
    entry = status.entry
    return f"{entry.id} {entry.title} {entry.source} {entry.kind} {' '.join(entry.formats)} {entry.licence}".lower()
