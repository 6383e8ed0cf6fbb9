"""Where the candidate list of the Playground comes from: a query of a collection, an own query, own documents.

Whatever a person typed or uploaded becomes a frozen list under its hash; the hash is in the URL, so that a link
shows the same list.
"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.documents import CandidateList, Query
from pages._ui.candidate_choice import choose_candidates
from pages._ui.collection_choice import choose_category, choose_collection
from pages._ui.escape import shorten
from pages._ui.own_documents import paste_documents
from pages._ui.urlstate import asked, begin, remember, settle, switch

MOST_QUERIES = 500  # in one select box; beyond that the search narrows them down
SOURCES = {
    "collection": "A query of the collection",
    "query": "My own query",
    "documents": "My own documents",
}


def choose_list(app: App) -> CandidateList | None:
    """The frozen list to rank, or None until there is one."""
    source = switch("Source", list(SOURCES), name="source", shown=SOURCES.__getitem__)
    if source == "documents":
        remember("query", "")
        kept = _kept(app, pasted=True)
        return paste_documents(app, kept) or kept
    left, right = st.columns([1, 2])
    with left:
        collection = choose_collection(app)
    with right:
        if source == "query":
            remember("query", "")
            kept = _kept(app, pasted=False)
            return _own_query(app, collection, kept) or kept
        remember("list", "")
        return _query_of(app, collection)


def _kept(app: App, *, pasted: bool) -> CandidateList | None:
    hash = asked("list")
    kept = app.candidates.load(hash) if hash else None
    return kept if kept is not None and (kept.collection is None) is pasted else None


def _own_query(app: App, collection: Collection, kept: CandidateList | None) -> CandidateList | None:
    if kept is not None:
        st.session_state.setdefault("own_query_text", kept.query.text)
    with st.form("own_query", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Query", placeholder="Type what somebody would search for", key="own_query_text")
        sent = st.form_submit_button("Find candidates")
    if not sent:
        return None
    with st.spinner("Finding candidates with BM25"):
        found = app.candidates.for_text(collection.fingerprint, text)
    remember("list", found.hash)
    return found


def _query_of(app: App, collection: Collection) -> CandidateList | None:
    narrow, wide = st.columns([1, 2]) if app.leaderboard.categories(collection.fingerprint) else [st.container()] * 2
    with narrow:
        category = choose_category(app, collection)
    queries = [q for q in app.collections.reader(collection.fingerprint).queries() if category in ("", q.category)]
    with wide:
        query = _pick(queries)
    if query is None:
        return None
    stage = choose_candidates(app, collection)
    with st.spinner("Finding candidates"):
        if stage is None:
            return app.candidates.for_query(collection.fingerprint, query)
        return app.candidates.load(app.candidates.make(collection.fingerprint, stage, queries=[query])[query])


def _pick(queries: list[Query]) -> str | None:
    if len(queries) > MOST_QUERIES:
        words = st.text_input("Search queries", key="query_search").lower().split()
        queries = [q for q in queries if all(word in q.text.lower() for word in words)]
    offered = {query.id: query for query in queries[:MOST_QUERIES]}
    wanted = asked("query")
    offered.update({query.id: query for query in queries if query.id == wanted})
    if not offered:
        st.info("No query matches. Change the search or the category.")
        return None
    key = begin("query", list(offered), next(iter(offered)), keep=True)
    picked = st.selectbox(
        "Query (type to search)",
        list(offered),
        key=key,
        format_func=lambda id: shorten(" ".join(offered[id].text.split()), 160),
    )
    return settle("query", picked, keep=True)
