"""One collection: what it holds, with a search in documents and queries, its judgments, candidates and battles."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.documents import Document
from pages._ui.collection_choice import choose_category
from pages._ui.collection_facts import candidate_sets, facts, judged
from pages._ui.direction import directed
from pages._ui.errors import attempt
from pages._ui.escape import plain, shorten
from pages._ui.job_panel import follow
from pages._ui.navigation import ARENA, PLAYGROUND
from pages._ui.urlstate import switch
from pages._ui.wording import ago, counted, title_of

FOUND = 10
VIEWS = {
    "documents": "Documents",
    "queries": "Queries",
    "judgments": "Judgments",
    "candidates": "Candidates",
    "battles": "Battles",
}


def show_collection(app: App, collection: Collection) -> None:
    """Figures, origin and fingerprint, then documents, queries or battles."""
    documents, queries, judgments = st.columns(3)
    documents.metric("Documents", f"{collection.documents:,}", border=True)
    queries.metric("Queries", f"{collection.queries:,}", border=True)
    judgments.metric("Relevance judgments", f"{collection.judgments:,}", border=True)
    sample = " A sample, not a benchmark." if collection.sample else ""
    st.caption(f"Origin: {plain(collection.origin)}. Imported {ago(collection.created_at)}.{sample}")
    facts(app, collection)
    view = switch("Part", list(VIEWS), name="part", shown=VIEWS.__getitem__)
    if view == "documents":
        _documents(app, collection)
    elif view == "queries":
        _queries(app, collection)
    elif view == "judgments":
        judged(app, collection)
    elif view == "candidates":
        candidate_sets(app, collection)
    else:
        _battles(app, collection)


def _documents(app: App, collection: Collection) -> None:
    reader = app.collections.reader(collection.fingerprint)
    words = st.text_input("Search documents", key="document_search", placeholder="Words to look for")
    if words.strip():
        found = reader.search(words, FOUND)
        st.caption(f"The best {len(found)}" if found else "No document matches. Try fewer or other words.")
    else:
        found = tuple(islice(reader.all_documents(), FOUND))
        st.caption(f"The first {len(found)} of {counted(collection.documents, 'document')}")
    for document in found:
        _document(document)


def _document(document: Document) -> None:
    with st.expander(f"{plain(directed(shorten(title_of(document), 120)))} :gray[{plain(document.id)}]"):
        st.text(directed(document.text))


def _queries(app: App, collection: Collection) -> None:
    reader = app.collections.reader(collection.fingerprint)
    left, right = st.columns([1, 2])
    with left:
        category = choose_category(app, collection)
    words = right.text_input("Search queries", key="queries_search").lower().split()
    found = [
        query
        for query in reader.queries()
        if category in ("", query.category) and all(word in query.text.lower() for word in words)
    ]
    qrels = reader.qrels()
    st.caption(counted(len(found), "query", "queries"))
    st.dataframe(
        {
            "Id": [query.id for query in found],
            "Query": [directed(query.text) for query in found],
            "Category": [query.category for query in found],
            "Judged documents": [len(qrels.get(query.id, {})) for query in found],
        },
        hide_index=True,
        width="stretch",
    )
    st.page_link(PLAYGROUND, label="Compare systems on a query", query_params={"collection": collection.name})


def _battles(app: App, collection: Collection) -> None:
    job = app.preparation.running(collection.fingerprint)
    if job is not None and not job.state.ended:
        follow(app, job)
        st.caption("Battles appear in the arena as soon as two systems have ranked the same query.")
        return
    lists = app.candidates.known(collection.fingerprint)
    ready = int(app.preparation.pool(collection.fingerprint).ranked.any(axis=1).sum())
    roster = ", ".join(system.spec for system in app.systems.roster())
    st.text(f"{ready:,} of {counted(len(lists) or collection.queries, 'query', 'queries')} have rankings.")
    st.caption(f"Preparing ranks every query with the default systems in the background: {plain(roster)}.")
    if app.preparation.preparing(collection.fingerprint):
        st.info("The preparation is starting.")
        return
    wanted = (app.preparation.ensure, collection.fingerprint)
    st.button("Prepare battles", type="primary", on_click=attempt, args=wanted, key="prepare")
    if ready:
        st.page_link(ARENA, label="Vote in the arena", query_params={"collection": collection.name})
