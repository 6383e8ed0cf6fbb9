"""Importing a collection: where it comes from, a form, then its job with Cancel, what was odd, and where to go on."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from core.bootstrap import App
from core.datasets.formats import Format
from core.datasets.ir_dataset import PREFIX
from core.datasets.languages.names import AUTO, CODE, NAMES, UNKNOWN, language_name
from core.datasets.request import ImportRequest
from core.domain.errors import InvalidInputError, RunoffError
from pages._ui.import_end import show_imports
from pages._ui.urlstate import remember, switch

SOURCES = {"server": "On this server", "upload": "Upload", "paste": "Paste text", "id": "ir_datasets"}
FORMATS = {
    "": "Recognise it",
    Format.BEIR: "BEIR",
    Format.TREC: "TREC",
    Format.JSONL: "JSONL",
    Format.CSV: "CSV",
    Format.PARQUET: "Parquet",
    Format.TEXT: "Text",
}
ENDINGS = ["jsonl", "ndjson", "csv", "tsv", "parquet", "trec", "sgml", "xml", "txt", "md", "qrels", "run"]
_HELP = {
    "server": "A folder in BEIR layout (`corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`) or TREC's (`docs*`, `topics*`, "
    "`qrels*`, `*.run`), or one file: hits (query, document id, text; title, rank, grade and assessor are optional) or "
    "documents (id, text; title is optional) as CSV, JSONL or Parquet, TREC markup, or a text.",
    "upload": "One file of hits, or a file of documents with a file of queries and files of judgments beside it.",
    "paste": "A small collection of your own. Every passage becomes a candidate of every query.",
    "id": "Downloaded to this machine by the package ir_datasets, where it is not there yet. See the licence of the "
    "collection before you pass it on.",
}


def import_form(app: App) -> None:
    """Imports that run or have just ended, and the form for another one."""
    if show_imports(app):
        return
    source = switch("Where it comes from", list(SOURCES), name="from", shown=SOURCES.__getitem__)
    st.caption(_HELP[source])
    with st.form("import"):
        left, right = st.columns([2, 1])
        name = left.text_input("Name of the collection", key="import_name", max_chars=80)
        codes = [AUTO, "en", *sorted(set(NAMES) - {"en"}, key=language_name), CODE, UNKNOWN]
        language = right.selectbox("Language", codes, key="import_language", format_func=_language)
        asked = _FIELDS[source](app)
        sent = st.form_submit_button("Import", type="primary")
    if sent:
        app.collections.check_name(name)
        request = asked(name, language)
        try:
            job = app.imports.start(request)
        except RunoffError:
            app.imports.discard(request.uploaded)
            raise
        remember("job", job.id)
        st.rerun()


Asked = Callable[[str, str], ImportRequest]


def _server(_app: App) -> Asked:
    path = st.text_input("Folder or file on this server", key="import_path", placeholder="/data/cranfield")
    format = _format()
    with st.expander("Queries, judgments and runs in files of their own"):
        queries = st.text_input("File of queries or topics", key="import_queries")
        qrels = st.text_area("Files of judgments, one per line", key="import_qrels", height=68)
        runs = st.text_area("TREC runs to keep as candidates, one per line", key="import_runs", height=68)

    def asked(name: str, language: str) -> ImportRequest:
        if not path.strip():
            raise InvalidInputError("Give the path of a folder or file on this server.")
        return ImportRequest(
            source=_path(path),
            name=name,
            format=format,
            language=language,
            queries=_path(queries),
            qrels=tuple(_path(line) for line in qrels.splitlines() if line.strip()),
            runs=tuple(_path(line) for line in runs.splitlines() if line.strip()),
        )

    return asked


def _upload(app: App) -> Asked:
    limit = app.settings.limits.max_upload_mb
    documents = st.file_uploader("Hits or documents", type=ENDINGS, key="import_file", max_upload_size=limit)
    format = _format()
    queries = st.file_uploader("Queries", type=ENDINGS, key="import_queries_file", max_upload_size=limit)
    qrels, runs = (
        st.file_uploader(label, type=ENDINGS, key=key, accept_multiple_files=True, max_upload_size=limit)
        for label, key in (("Judgments", "import_qrels_files"), ("TREC runs", "import_run_files"))
    )

    def asked(name: str, language: str) -> ImportRequest:
        if documents is None:
            raise InvalidInputError("Choose a file of hits or documents.")
        beir = format == Format.BEIR
        first = "corpus.jsonl" if beir else documents.name
        second = "queries.jsonl" if beir else f"queries/{queries.name}" if queries else ""
        files: dict[str, BinaryIO] = {first: documents}
        files |= {second: queries} if queries else {}
        files |= {f"qrels/{file.name}": file for file in qrels} | {f"runs/{file.name}": file for file in runs}
        folder = app.imports.receive(files)
        return ImportRequest(
            source=str(folder if beir else folder / first),
            name=name,
            format=format,
            language=language,
            queries="" if beir or not second else str(folder / second),
            qrels=() if beir else tuple(str(folder / "qrels" / file.name) for file in qrels),
            runs=tuple(str(folder / "runs" / file.name) for file in runs),
            uploaded=str(folder),
        )

    return asked


def _paste(app: App) -> Asked:
    queries = st.text_area("Queries, one per line", key="import_pasted_queries", height=68)
    passages = st.text_area(
        "Passages", key="import_pasted", height=200, placeholder="One per line, or blocks with a blank line between"
    )

    def asked(name: str, language: str) -> ImportRequest:
        if not passages.strip() or not queries.strip():
            raise InvalidInputError("Paste at least one query and one passage.")
        files: Mapping[str, BinaryIO] = {
            "passages.txt": io.BytesIO(passages.encode("utf-8", "replace")),
            "queries.txt": io.BytesIO(queries.encode("utf-8", "replace")),
        }
        folder = app.imports.receive(files)
        return ImportRequest(
            source=str(folder / "passages.txt"),
            name=name,
            format=Format.TEXT,
            language=language,
            queries=str(folder / "queries.txt"),
            pasted=True,
            uploaded=str(folder),
        )

    return asked


def _id(_app: App) -> Asked:
    id = st.text_input("Id", key="import_id", placeholder="beir/scifact/test")

    def asked(name: str, language: str) -> ImportRequest:
        if not id.strip():
            raise InvalidInputError("Give the id of a collection, such as beir/scifact/test.")
        return ImportRequest(source=f"{PREFIX}{id.strip().removeprefix(PREFIX)}", name=name, language=language)

    return asked


_FIELDS: Mapping[str, Callable[[App], Asked]] = {"server": _server, "upload": _upload, "paste": _paste, "id": _id}


def _format() -> str:
    return str(st.selectbox("Format", list(FORMATS), key="import_format", format_func=FORMATS.__getitem__))


def _language(code: str) -> str:
    return "Find out" if code == AUTO else language_name(code).capitalize() if code in (CODE, UNKNOWN) else NAMES[code]


def _path(given: str) -> str:
    return str(Path(given.strip()).expanduser().resolve()) if given.strip() else ""
