"""A large board is shown as it was while newer votes are being counted; the page is drawn again when they are."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.board.boards import Board
from pages._ui.wording import counted


def refresh(app: App, board: Board) -> None:
    """Say how many votes are newer and look again every two seconds until they are in; nothing otherwise."""
    if board.newer:
        _wait(app, board)


@st.fragment(run_every=2)
def _wait(app: App, board: Board) -> None:
    newer = app.leaderboard.board(board.request).newer
    if not newer:
        st.rerun()
    st.caption(f":material/sync: {counted(newer, 'newer vote')} being counted.")
