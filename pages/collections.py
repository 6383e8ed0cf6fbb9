"""Collections: what is there, what is in it, and importing more."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from pages._ui import guard
from pages._ui.collection_choice import choose_collection
from pages._ui.collection_detail import show_collection
from pages._ui.errors import told
from pages._ui.import_end import BROWSE
from pages._ui.import_form import import_form
from pages._ui.session import app
from pages._ui.urlstate import switch

MODES = {BROWSE: "Browse", "import": "Import"}


def overview(runoff: App) -> None:
    """Every collection on one line."""
    known = runoff.collections.all()
    st.dataframe(
        {
            "Name": [collection.name for collection in known],
            "Documents": [collection.documents for collection in known],
            "Queries": [collection.queries for collection in known],
            "Judgments": [collection.judgments for collection in known],
            "Origin": [collection.origin for collection in known],
            "Fingerprint": [collection.fingerprint[:12] for collection in known],
        },
        hide_index=True,
        width="stretch",
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in ("Documents", "Queries", "Judgments")
        },
    )


guard.enter()
with told():
    runoff = app()
    if switch("Mode", list(MODES), name="mode", shown=MODES.__getitem__) == "import":
        import_form(runoff)
    else:
        overview(runoff)
        narrow, _ = st.columns([1, 2])
        with narrow:
            chosen = choose_collection(runoff)
        show_collection(runoff, chosen)
