"""Leaderboard: who leads, and how sure are we?"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.bootstrap import App
from core.domain.voting import VoterKind
from core.services.board.boards import Board
from pages._ui import guard
from pages._ui.board import board_pairs, board_top
from pages._ui.board.board_combination import combination
from pages._ui.board.board_filters import choose_board
from pages._ui.board.board_refresh import refresh
from pages._ui.board.board_robustness import robustness
from pages._ui.board.board_sides import sides
from pages._ui.board.board_time import over_time
from pages._ui.board.board_voters import agreement
from pages._ui.errors import told
from pages._ui.job_panel import follow
from pages._ui.session import app
from pages._ui.urlstate import switch

Section = Callable[[App, Board], None]
SECTIONS: dict[str, tuple[str, Section]] = {
    "wins": ("Wins", board_pairs.wins),
    "robust": ("Robustness", robustness),
    "time": ("Over time", over_time),
    "pairs": ("Votes per pair", lambda _, board: board_pairs.votes(board)),
    "sides": ("Sides", sides),
    "agreement": ("Agreement", agreement),
    "combined": ("Combined", combination),
}
OF_VOTES = ("robust", "time", "sides")  # sections that relevance labels have not


def sections(runoff: App, board: Board) -> None:
    """One of the further views; only what is open is computed."""
    offered = [name for name in SECTIONS if board.kind is not VoterKind.LABELS or name not in OF_VOTES]
    shown = switch("More", offered, name="show", shown=lambda name: SECTIONS[name][0])
    with told():
        SECTIONS[shown][1](runoff, board)


def preparing(runoff: App, board: Board) -> None:
    """Progress of rankings that this board still waits for; the page is drawn again when they are there."""
    job = runoff.preparation.running(board.collection) if board.kind is VoterKind.LABELS else None
    if job is not None and not job.state.ended:
        follow(runoff, job)


guard.enter()
with told():
    runoff = app()
    request = choose_board(runoff)
    shown = runoff.leaderboard.board(request)
    board_top.answer(shown)
    refresh(runoff, shown)
    preparing(runoff, shown)
    if not shown.entries:
        st.info("No system has ranked this collection yet. Prepare battles on the Collections page.")
    else:
        board_top.plot(shown)
        if not shown.identifiable:
            board_top.unrated(shown)
        board_top.table(runoff, shown)
        if shown.votes:
            sections(runoff, shown)
