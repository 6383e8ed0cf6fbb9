"""Keeps a page from running without app.py.

Until a session of this server process has called ``st.navigation``, Streamlit serves a deep link by running
the page's file alone: without page configuration and without the rule of vote links. ``app.py`` sets a flag
before it runs a page. A page that finds no flag registers the pages and starts again, before it has drawn
anything: a click on what was drawn without app.py would be lost.
"""

from __future__ import annotations

import streamlit as st

from pages._ui.navigation import navigate

_FLAG = "came_through_app"


def admit() -> None:
    """Called by app.py just before the page runs."""
    st.session_state[_FLAG] = True


def enter() -> None:
    """First line of every page."""
    if st.session_state.pop(_FLAG, False):
        return
    navigate()
    st.rerun()
