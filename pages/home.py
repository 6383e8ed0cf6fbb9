"""Home: where do we stand, what is running, and three ways on."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.jobs import JobKind
from core.domain.voting import VoterKind
from core.services.board.boards import Board, BoardRequest
from pages._ui import guard
from pages._ui.board import standings
from pages._ui.board.board_top import quarantine
from pages._ui.collection_choice import choose_collection
from pages._ui.errors import told
from pages._ui.escape import plain
from pages._ui.job_panel import follow
from pages._ui.navigation import ARENA, BENCHMARK, DECIDE, LEADERBOARD, PLAYGROUND
from pages._ui.session import app
from pages._ui.wording import counted


def standing(runoff: App, collection: Collection) -> None:
    """The answer first: what people say, and beside it what the labels say."""
    people = runoff.leaderboard.board(BoardRequest(collection=collection.fingerprint))
    by_labels = BoardRequest(collection=collection.fingerprint, kind=VoterKind.LABELS)
    labels = runoff.leaderboard.board(by_labels) if collection.judgments else None
    st.markdown(f"## {plain(people.summary)}")
    if people.settle.sentence:
        st.markdown(plain(people.settle.sentence), help=people.settle.detail or None)
    if people.quarantine.votes:
        quarantine(people)
    elif not people.votes:
        if st.button("Open the first battle", type="primary", key="first_battle"):
            st.switch_page(ARENA, query_params={"collection": collection.name})
        st.caption(
            "Two systems ordered the same passages; you say which order serves the query better. Names come after."
        )
    figures(people, labels, collection)
    if labels is not None:
        st.markdown(f"By relevance labels: {plain(labels.summary)}")


def figures(people: Board, labels: Board | None, collection: Collection) -> None:
    """Leaders with their intervals, and what they rest on."""
    left, middle, right = st.columns(3)
    name, rating = standings.leader_figures(people)
    left.metric(
        "Leader by votes of people", plain(name), plain(rating), delta_color="off", delta_arrow="off", border=True
    )
    if labels is not None:
        name, rating = standings.leader_figures(labels)
        middle.metric(
            "Leader by relevance labels", plain(name), plain(rating), delta_color="off", delta_arrow="off", border=True
        )
    held = f"{counted(collection.documents, 'document')}, {counted(collection.queries, 'query', 'queries')}"
    if people.newer:
        held = f"{held}; {counted(people.newer, 'newer vote')} being counted"
    right.metric("Votes of people", f"{people.votes:,}", held, delta_color="off", delta_arrow="off", border=True)


def measured(runoff: App, collection: Collection) -> None:
    """The newest benchmark of the collection, where there is one."""
    plan = next(iter(runoff.benchmarks.all(collection.fingerprint)), None)
    if plan is not None:
        wanted = {"collection": collection.name, "plan": plan.id}
        st.page_link(
            BENCHMARK, label=f"Benchmark {plain(plan.name)}", icon=":material/table_chart:", query_params=wanted
        )


def running(runoff: App) -> None:
    """Jobs that are under way, and where to look at them."""
    jobs = runoff.jobs.active()
    if jobs:
        st.subheader("Running now", anchor=False)
        for job in jobs[:5]:
            follow(runoff, job)
            if job.kind is JobKind.BENCHMARK and isinstance(job.request, dict):
                plan = str(job.request.get("plan", ""))
                st.page_link(BENCHMARK, label="See its cells and first results", query_params={"plan": plan})


def ways(collection: Collection) -> None:
    """Three ways on."""
    told_of = {"collection": collection.name}
    cards = (
        (
            "Compare",
            "How systems order one query side by side, and how good they are on all of them.",
            {"One query": PLAYGROUND, "All queries": BENCHMARK},
        ),
        ("Vote", "Two unnamed lists at a time. A vote takes seconds; names come after it.", {"In the arena": ARENA}),
        (
            "Decide",
            "Who leads by votes, and which system fits your limits on time, memory and price.",
            {"By votes": LEADERBOARD, "Within limits": DECIDE},
        ),
    )
    for column, (title, text, links) in zip(st.columns(3), cards, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.caption(text)
            with st.container(horizontal=True):
                for label, page in links.items():
                    st.page_link(page, label=label, query_params=told_of)


guard.enter()
st.caption("Your queries, blind votes, honest intervals, measured cost: know which reranker to ship.")
with told():
    runoff = app()
    narrow, _ = st.columns([1, 2])
    with narrow:
        chosen = choose_collection(runoff)
    with told():
        standing(runoff, chosen)
        measured(runoff, chosen)
    ways(chosen)
    running(runoff)
