"""Keeps a page from running without app.py.

Until a session of this server process has called ``st.navigation``, Streamlit serves a deep link by running
the page's file alone: without page configuration and without the rule of vote links. ``app.py`` sets a flag
before it runs a page; a page that finds no flag draws the shell itself, and starts again where this session
may not see it.
"""

from __future__ import annotations

import streamlit as st

from pages._ui.shell import draw_shell

_FLAG = "came_through_app"


def admit() -> None:
    """Called by app.py just before the page runs."""
    st.session_state[_FLAG] = True


def enter(title: str) -> None:
    """First line of every page; ``title`` is its own in the navigation."""
    if st.session_state.pop(_FLAG, False):
        return
    if draw_shell().title != title:
        st.rerun()
