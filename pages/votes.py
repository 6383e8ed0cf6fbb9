"""Votes: what was voted, whom to trust, and what was decided about it."""

from __future__ import annotations

import streamlit as st

from pages._ui import guard
from pages._ui.acting import actor
from pages._ui.errors import told
from pages._ui.escape import code
from pages._ui.session import app
from pages._ui.urlstate import switch
from pages._ui.votes.vote_files_form import show_files
from pages._ui.votes.vote_log import show_log
from pages._ui.votes.vote_source import choose_kind, choose_source
from pages._ui.votes.voter_review import show_voters

VIEWS = {"log": "Votes", "voters": "Voters", "files": "Import and export"}

guard.enter()
with told():
    runoff = app()
    me = actor(runoff)
    view = switch("View", list(VIEWS), name="show", shown=VIEWS.__getitem__)
    if view == "files":
        show_files(runoff, me)
    else:
        left, right, _ = st.columns([2, 2, 3])
        with left:
            source = choose_source(runoff, me)
        with right:
            kind = choose_kind()
        if not source:
            st.info("No votes yet. The first ones come from the Arena, or from a file under Import and export.")
        elif view == "voters":
            show_voters(runoff, me, source, kind)
        else:
            show_log(runoff, me, source, kind)
    st.caption(f"You are {me.role} here, with the id {code(me.id)}; `[roles]` in runoff.toml says who may do what.")
