"""Strategies: how each of them ranks, what it costs, and how sure we are of it."""

from __future__ import annotations

import streamlit as st

from pages._ui import guard
from pages._ui.errors import told
from pages._ui.session import app
from pages._ui.strategies.detail import show_strategy
from pages._ui.strategies.listing import matching, pick

guard.enter()
with told():
    runoff = app()
    found = matching(runoff.strategies.all())
    if not found:
        st.info("No strategy matches. Try fewer words, another family, or show those that do not run here too.")
    else:
        listing, detail = st.columns([3, 7], gap="medium")
        with listing:
            chosen = pick(found)
        with detail:
            show_strategy(runoff, chosen)
