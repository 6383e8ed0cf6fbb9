"""Votes from a file and into a file."""

from __future__ import annotations

import io

import streamlit as st

from core.bootstrap import App
from core.datasets.votes.formats import VoteFormat
from core.domain.comparisons import FOREIGN
from core.domain.roles import Actor, Role
from core.domain.voting import VoterKind
from core.services.votes.vote_files import ImportReport
from pages._ui.board.chart_data import explained
from pages._ui.escape import plain
from pages._ui.votes.vote_source import KINDS, choose_kind, choose_source
from pages._ui.wording import counted

FORMATS = {
    VoteFormat.RUNOFF: "Runoff log (JSON Lines, complete, with its hash chain)",
    VoteFormat.LMSYS: "Battle JSON (model_a, model_b, winner)",
    VoteFormat.CSV: "CSV",
}
COLUMNS = "a=left,b=right,winner=winner,voter=worker,query=prompt"


def show_files(app: App, actor: Actor) -> None:
    """Import above, export below."""
    st.subheader("Import", anchor=False)
    _import(app, actor)
    st.subheader("Export", anchor=False)
    _export(app, actor)


def _import(app: App, actor: Actor) -> None:
    limit = app.settings.limits.max_upload_mb
    with st.form("import_votes"):
        file = st.file_uploader("File of votes", type=["jsonl", "json", "csv"], max_upload_size=limit)
        name = st.text_input("Name (empty: the file's)", key="votes_name", max_chars=80)
        columns = st.text_input("Columns of a CSV", key="votes_columns", placeholder=COLUMNS)
        kind = st.selectbox("Voters, where the file does not say", list(KINDS), format_func=KINDS.__getitem__)
        sent = st.form_submit_button("Import", type="primary")
    st.caption("A CSV needs to know which column is which: " + plain(COLUMNS) + ". Importing twice adds nothing.")
    if not sent:
        return
    if file is None:
        st.warning("Choose a file first.")
        return
    report = app.vote_files.import_(
        actor, file.getvalue(), name.strip(), columns=columns.strip(), kind=VoterKind(kind), file_name=file.name
    )
    _imported(report)


def _imported(report: ImportReport) -> None:
    already = f", {report.already:,} were here already" if report.already else ""
    st.success(f"{counted(report.added, 'entry', 'entries')} added{already}. They are on the Leaderboard now.")
    for note in report.notes:
        st.warning(plain(note))


def _export(app: App, actor: Actor) -> None:
    format = VoteFormat(st.selectbox("Format", list(FORMATS), format_func=lambda f: FORMATS[VoteFormat(f)]))
    source, kind = "", None
    if format is not VoteFormat.RUNOFF:
        source, kind = choose_source(app, actor), choose_kind()
    if st.button("Prepare the file", key="export_votes"):
        stream = io.BytesIO()
        report = app.vote_files.export(actor, format, stream, collection=source, kind=kind)
        stem = source.removeprefix(FOREIGN)[:40] or "runoff"
        st.download_button(
            f"Download {counted(report.rows, 'row')}",
            stream.getvalue(),
            file_name=f"{stem}-votes{format.suffix}",
            on_click="ignore",
            type="primary",
        )
        for note in report.notes:
            st.caption(plain(note))
    _marks(app, actor)
    st.caption("`python -m core verify-log FILE` checks the chain of a Runoff log and computes its board anew.")


def _marks(app: App, actor: Actor) -> None:
    """Documents that voters marked, as weak relevance labels."""
    actor.must_be(Role.RESEARCHER, "export marks")
    for collection in app.collections.all():
        found = app.arena.marks(collection.fingerprint)
        if found:
            table = {
                "query": [label.query_id for label in found],
                "document": [label.document for label in found],
                "useful": [label.useful for label in found],
                "not useful": [label.not_useful for label in found],
            }
            how = f"Documents of {plain(collection.name)} that voters marked: weak relevance labels."
            explained(how, table, f"{collection.name} marks")
