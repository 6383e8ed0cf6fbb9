"""Arena: which of the unnamed lists serves a query better?"""

from __future__ import annotations

import streamlit as st

from core.services.battles.battle_views import BattleView, Waiting
from pages._ui import guard
from pages._ui.arena import ballot
from pages._ui.arena.arena_options import arena_options
from pages._ui.arena.arena_view import arena_view
from pages._ui.arena.arena_wait import show_waiting
from pages._ui.errors import told
from pages._ui.session import app
from pages._ui.voter import keep_voter, voter_id
from pages._ui.wording import counted

guard.enter()
with told():
    runoff = app()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words, undo = st.container(width="stretch"), st.container(width="content")
        options = arena_options(runoff)
    ballot.show_outcome(runoff, options.collection.fingerprint, words, undo)
    ballot.show_notice(runoff)
    battle = runoff.arena.next_battle(voter_id(), options.collection.fingerprint, options.category, form=options.form)
    if isinstance(battle, Waiting):
        show_waiting(runoff, battle, options)
    elif isinstance(battle, BattleView):
        arena_view(battle)
        ballot.show_buttons(runoff, battle)
        runoff.arena.shown(battle.id, voter_id())
        votes = f"{counted(battle.votes_today, 'vote')} of yours today, {battle.votes_all:,} in all."
        st.caption(f"{votes} {ballot.HINTS[battle.form]} Select a row to read all of it.")
keep_voter()
