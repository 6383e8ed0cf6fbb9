"""What a voter may choose about battles: the collection, the category, the kind of battle, a name; all but the name
are in the URL and go with a vote link."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import BattleForm
from pages._ui.arena.vote_link import FORM, GROUP, show_vote_link
from pages._ui.collection_choice import choose_category, choose_collection
from pages._ui.navigation import only_vote
from pages._ui.urlstate import asked, choose
from pages._ui.voter import voter_id

FORMS = {
    "": "Any kind",
    BattleForm.SIDE_BY_SIDE: "Side by side",
    BattleForm.INTERLEAVED: "One merged list",
    BattleForm.BEST_TO_WORST: "Put in order",
}
_ENTERED = "arena_group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``category`` and ``form`` are empty where any will do."""

    collection: Collection
    category: str
    form: str


def arena_options(app: App) -> Options:
    """The popover; also notes the group that the link of this session names."""
    _join(app)
    with st.popover("Options"):
        collection = choose_collection(app)
        category = choose_category(app, collection)
        form = choose("Kind of battle", [str(form) for form in FORMS], name=FORM, shown=FORMS.__getitem__)
        _ask_name(app)
        if not only_vote():
            show_vote_link(collection.name, category, form)
    return Options(collection=collection, category=category, form=form)


def _join(app: App) -> None:
    group = asked(GROUP)
    if group and st.session_state.get(_ENTERED) != group:
        app.arena.enter(voter_id(), group=group)
        st.session_state[_ENTERED] = group


def _ask_name(app: App) -> None:
    """A voter may give a name; nothing depends on it."""
    known = app.arena.enter(voter_id()).name
    name = st.text_input("Your name (if you like)", value=known, max_chars=80, key="voter_name")
    if name.strip() != known:
        app.arena.enter(voter_id(), name)
