"""Importing a collection: a BEIR folder on the server, or an uploaded file of hits."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from pages._ui.escape import plain
from pages._ui.wording import counted, size

_LAYOUT = (
    "A folder in BEIR layout holds `corpus.jsonl` (\\_id, title, text), `queries.jsonl` (\\_id, text) and, where there "
    "are judgments, `qrels/*.tsv` (query-id, corpus-id, score). A file of hits is one CSV or JSONL with the columns "
    "query, document id and text; title, rank and grade are optional."
)


def import_form(app: App) -> None:
    """The form and, once it is sent, the import with its progress."""
    st.caption(_LAYOUT)
    limit = app.settings.limits.max_upload_mb
    with st.form("import"):
        name = st.text_input("Name of the collection", key="import_name", max_chars=80)
        folder = st.text_input("Folder or file on this server", key="import_path", placeholder="/data/cranfield")
        file = st.file_uploader("or a file of hits", type=["csv", "jsonl"], max_upload_size=limit)
        sent = st.form_submit_button("Import", type="primary")
    if not sent:
        return
    if bool(folder.strip()) == (file is not None):
        raise InvalidInputError("Give either a folder on this server or a file, not both and not neither.")
    if file is None:
        _run(app, Path(folder.strip()).expanduser(), name)
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / Path(file.name).name
        path.write_bytes(file.getvalue())
        _run(app, path, name)


def _run(app: App, path: Path, name: str) -> None:
    bar = st.progress(0.0, text="Reading")

    def progress(done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, text=f"Read {size(done)} of {size(total)}")

    try:
        collection, warnings = app.collections.import_path(path, name, progress=progress)
    finally:
        bar.empty()
    _done(collection, warnings)


def _done(collection: Collection, warnings: tuple[str, ...]) -> None:
    st.success(
        f"Imported {plain(collection.name)}: {counted(collection.documents, 'document')}, "
        f"{counted(collection.queries, 'query', 'queries')}, {counted(collection.judgments, 'judgment')}."
    )
    for warning in warnings:
        st.warning(plain(warning))
    st.caption("Choose it under Browse, and prepare its battles there.")
