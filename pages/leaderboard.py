"""Leaderboard: who leads, and how sure are we?"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.voting import VoterKind
from core.services.boards import Board
from pages._ui import guard, standings
from pages._ui.charts import forest_plot, label, square_map
from pages._ui.collection_choice import choose_category, choose_collection
from pages._ui.errors import told
from pages._ui.escape import plain
from pages._ui.job_panel import follow
from pages._ui.navigation import ARENA
from pages._ui.session import app
from pages._ui.theme import PLOT, ink
from pages._ui.urlstate import switch
from pages._ui.wording import UNKNOWN

VOTERS = {str(VoterKind.PERSON): "People", str(VoterKind.LABELS): "Relevance labels"}


def controls(runoff: App) -> Board:
    """Voter kind, collection and category, all in the URL."""
    kind = switch("Voters", list(VOTERS), name="by", shown=VOTERS.__getitem__)
    left, right, _ = st.columns([2, 2, 3])
    with left:
        collection = choose_collection(runoff)
    with right:
        category = choose_category(runoff, collection)
    return runoff.leaderboard.board(collection.fingerprint, VoterKind(kind), category)


def rated(board: Board) -> None:
    """Forest plot, table and win heat map."""
    st.plotly_chart(forest_plot(board.entries), config=PLOT, key="forest", alt="Ratings with 95 % intervals")
    table(board)
    st.subheader("How often the row beats the column", anchor=False)
    rates, texts, hovers = standings.win_rates(board)
    names = [label(entry) for entry in board.entries]
    figure = square_map(names, rates, texts, low=0.0, high=1.0, hovers=hovers, ink=ink(), balanced=True)
    st.plotly_chart(figure, config=PLOT, key="wins", alt="Share of battles won by each system against each other")
    st.caption("Ties count as half a win to each side.")


def unrated(board: Board) -> None:
    """What there is instead of ratings: counts per pair, and the battles that are missing."""
    st.page_link(ARENA, label="Vote in the arena", query_params={"collection": board.collection})
    st.subheader("What has been voted so far, and what is missing", anchor=False)
    st.dataframe(standings.pair_table(board), hide_index=True, width="stretch")
    st.subheader("The systems", anchor=False)
    table(board)


def table(board: Board) -> None:
    """Every figure of the board."""
    number = st.column_config.NumberColumn
    config = {
        "Rating": number(format="%.0f"),
        "nDCG@10": number(format="%.3f", help="Mean over the labelled queries."),
        "Queries": number(help="Labelled queries that the system has ranked."),
        "Calls": number(format="localized", help="Model calls per query, as if the system ran alone."),
        "Tokens": number(format="localized", help="Prompt tokens per query, as if the system ran alone."),
        **{name: st.column_config.TextColumn(alignment="right") for name in ("95 % interval", "nDCG@10 95 %")},
    }
    st.dataframe(standings.table(board), hide_index=True, column_config=config, width="stretch", placeholder=UNKNOWN)


def preparing(runoff: App, board: Board) -> None:
    """Progress of rankings that this board still waits for; the page is drawn again when they are there."""
    job = runoff.preparation.running(board.collection)
    if board.kind is VoterKind.LABELS and job is not None and not job.state.ended:
        follow(runoff, job)


guard.enter()
with told():
    runoff = app()
    shown = controls(runoff)
    st.markdown(f"## {plain(shown.summary)}")
    st.caption(f"{standings.basis(shown)}. {plain(shown.explanation)}")
    preparing(runoff, shown)
    if not shown.entries:
        st.info("No system has ranked this collection yet. Prepare battles on the Collections page.")
    elif shown.identifiable:
        rated(shown)
    else:
        unrated(shown)
