"""Arena: which of two unnamed lists serves a query better?"""

from __future__ import annotations

import streamlit as st

from core.services.arena import BattleView, Waiting
from pages._ui import ballot, guard
from pages._ui.arena_view import arena_view
from pages._ui.arena_wait import show_waiting
from pages._ui.collection_choice import choose_category, choose_collection
from pages._ui.errors import told
from pages._ui.navigation import only_vote
from pages._ui.session import app
from pages._ui.vote_link import show_vote_link
from pages._ui.voter import keep_voter, voter_id
from pages._ui.wording import counted

guard.enter()
with told():
    runoff = app()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ballot.show_outcome(runoff)
        with st.popover("Options"):
            collection = choose_collection(runoff)
            category = choose_category(runoff, collection)
            ballot.ask_name(runoff)
            if not only_vote():
                show_vote_link(collection.name, category)
    ballot.show_notice(runoff)
    battle = runoff.arena.next_battle(voter_id(), collection.fingerprint, category)
    if isinstance(battle, Waiting):
        show_waiting(runoff, battle, collection, category)
    elif isinstance(battle, BattleView):
        arena_view(battle)
        ballot.show_buttons(runoff, battle)
        runoff.arena.shown(battle.id, voter_id())
        votes = f"{counted(battle.votes_today, 'vote')} of yours today, {battle.votes_all:,} in all."
        st.caption(f"{votes} Keys: 1, 2, 3, 4 and S. Select a row to read all of it.")
keep_voter()
