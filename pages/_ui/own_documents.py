"""Documents that a person pastes or uploads, and the query to order them for."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.bootstrap import App
from core.datasets.hits import HitsFile
from core.datasets.meter import Meter
from core.datasets.source import ImportLimits
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from pages._ui.escape import shorten
from pages._ui.urlstate import remember

MOST_TEXT = 50_000  # characters of a kept list that are put back into the form
Given = tuple[Query, tuple[Document, ...]]
_HELP = (
    "TXT: one document per line, or blocks with a blank line between them. CSV or JSONL of hits: columns query, "
    "document id and text; title and rank are optional."
)


def paste_documents(app: App, kept: CandidateList | None) -> CandidateList | None:
    """The form, filled with the ``kept`` list of the URL; a frozen list in the run in which it was sent."""
    if kept is not None:
        st.session_state.setdefault("paste_query", kept.query.text)
        st.session_state.setdefault("paste_text", _joined(kept.documents))
    with st.form("own_documents", border=False):
        query = st.text_input("Query", key="paste_query", placeholder="What should the documents answer?")
        text = st.text_area(
            "Documents", key="paste_text", height=160, placeholder="One per line, or blocks with a blank line between"
        )
        limit = app.settings.limits.max_upload_mb
        file = st.file_uploader("or a file", type=["txt", "csv", "jsonl"], help=_HELP, max_upload_size=limit)
        sent = st.form_submit_button("Use these documents")
    if not sent:
        return None
    if file is None:
        made = app.candidates.pasted(query, split_documents(text))
    elif file.name.lower().endswith(".txt"):
        made = app.candidates.pasted(query, split_documents(_decoded(file.name, file.getvalue())))
    else:
        wanted, documents = _of_query(hits_of(file.name, file.getvalue(), app), query)
        made = app.candidates.pasted(wanted, documents)
    remember("list", made.hash)
    return made


def _joined(documents: Sequence[Document]) -> str:
    texts = [document.content.strip() for document in documents]
    blank = any("\n" in text for text in texts)
    joined = ("\n\n" if blank else "\n").join(texts)
    return joined if len(joined) <= MOST_TEXT else ""


def split_documents(text: str) -> tuple[Document, ...]:
    """Blocks between blank lines where there are any, else lines; ids are d1, d2, ... in order."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    blocks = [block.strip() for block in normal.split("\n\n")] if "\n\n" in normal else normal.split("\n")
    kept = [block.strip() for block in blocks if block.strip()]
    return tuple(Document(id=f"d{place}", text=block) for place, block in enumerate(kept, 1))


def hits_of(name: str, content: bytes, app: App) -> tuple[Given, ...]:
    """The queries of a file of hits with their documents in order; ImportFormatError names file, line and column."""
    limits = app.settings.limits
    bounds = ImportLimits(max_document_chars=limits.max_document_chars, max_query_chars=limits.max_query_chars)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(content)
        source = HitsFile(path)
        contents = source.read(bounds, Meter(source.size, lambda _done, _total: None, lambda: False))
        documents = {document.id: document for document in contents.documents}
    return tuple((query, tuple(documents[id] for id in contents.candidates[query.id])) for query in contents.queries)


def _of_query(given: Sequence[Given], wanted: str) -> tuple[str, tuple[Document, ...]]:
    if len(given) == 1:
        query, documents = given[0]
        return wanted.strip() or query.text, documents
    for query, documents in given:
        if wanted.strip() in (query.text, query.id):
            return query.text, documents
    known = "; ".join(shorten(query.text, 60) for query, _ in given[:5])
    raise InvalidInputError(
        f"The file has {len(given)} queries. Type one of them into the query field, for example: {known}."
    )


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{name} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
