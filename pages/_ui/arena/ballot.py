"""The buttons of the arena and what is said after a vote.

Every key and every callback carries the battle's id: a second click on a button that is already gone can never
fall on the next battle. Marks, reasons and places are read in the callback, so whatever the voter said before the
click goes into the same ballot. What follows a vote is kept in the session as plain values, for undo and for reading.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.bootstrap import App
from core.domain.errors import NotOpenError, RunoffError, StorageError
from core.domain.voting import Ballot, BattleForm
from core.services.battles.battle_views import BattleView
from pages._ui.arena.arena_said import Paper, said
from pages._ui.arena.arena_view import paper, ready
from pages._ui.arena.ballot_choices import CHOICES, SKIP, Choice, ballot, in_words
from pages._ui.arena.ballot_keeping import restored, stored
from pages._ui.arena.reveal_line import sentence
from pages._ui.errors import incident
from pages._ui.escape import plain
from pages._ui.voter import voter_id

_OUTCOME = "arena_outcome"
_NOTICE = "arena_notice"
_UNSAVED = "arena_unsaved"
_MARKS = "\u2713 and \u2715 mark a passage as useful or not, if you like."
HINTS = {
    BattleForm.SIDE_BY_SIDE: f"Keys: 1, 2, 3, 4 and S. {_MARKS}",
    BattleForm.INTERLEAVED: "Keys: Tab and Space to mark, 1, 2 and S.",
    BattleForm.BEST_TO_WORST: (
        f"Keys: the letters from best to worst, with Shift level with the one before, 1 and S. {_MARKS}"
    ),
}
_INVITATION = "Judge what the systems found, without knowing who found it; their names come after your vote."


def show_buttons(app: App, battle: BattleView) -> None:
    """The answers to this form of battle and Skip, at the foot of the window whatever the length of the lists."""
    enough = ready(battle)
    with st.bottom, st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        for choice in CHOICES[battle.form]:
            st.button(
                choice.label,
                key=f"{choice.name}-{battle.id}",
                shortcut=choice.key,
                type="primary" if choice.primary else "secondary",
                disabled=choice.needs is not None and choice.needs is not enough,
                on_click=_vote,
                args=(app, paper(battle), battle.form, choice),
            )
        st.button(
            "Skip", key=f"{SKIP}-{battle.id}", shortcut="s", type="tertiary", on_click=_skip, args=(app, battle.id)
        )


def show_outcome(app: App, collection: str, words: DeltaGenerator, undo: DeltaGenerator) -> None:
    """In ``words`` the names after a vote, with Undo until the next vote; before the first one, what to do."""
    if _OUTCOME not in st.session_state:  # a new session, perhaps of somebody who has just voted and reloaded
        last = app.arena.last_reveal(voter_id(), collection)
        st.session_state[_OUTCOME] = {"battle": last.battle, "text": sentence(last)} if last else None
    outcome = st.session_state[_OUTCOME]
    if not outcome:
        words.markdown(f":small[{_INVITATION}]")
        return
    battle = outcome["battle"]
    words.markdown(f":small[{outcome['text']}]")
    undo.button("Undo", key=f"undo-{battle}", on_click=_undo, args=(app, battle))


def show_notice(app: App) -> None:
    """Why the last click did not count, and a vote that could not be saved, to save again."""
    if notice := st.session_state.pop(_NOTICE, ""):
        st.warning(notice)
    if unsaved := st.session_state.get(_UNSAVED):
        battle, words = unsaved["battle"], unsaved["words"]
        again = (app, battle, restored(unsaved["ballot"]), words)
        st.button(f"Save again: {words}", key=f"again-{battle}", type="primary", on_click=_cast, args=again)


def _vote(app: App, paper: Paper, form: BattleForm, choice: Choice) -> None:
    made = ballot(form, choice, said(paper))
    if isinstance(made, str):
        st.session_state[_NOTICE] = made
    else:
        _cast(app, paper.battle, made, in_words(form, made))


def _cast(app: App, battle: str, made: Ballot, words: str) -> None:
    st.session_state.pop(_UNSAVED, None)
    try:
        reveal = app.arena.vote(battle, voter_id(), made)
    except StorageError as error:
        st.session_state[_UNSAVED] = {"battle": battle, "words": words, "ballot": stored(made)}
        _notice(error)
    except RunoffError as error:
        _notice(error)
    else:
        st.session_state[_OUTCOME] = {"battle": battle, "text": sentence(reveal)}


def _skip(app: App, battle: str) -> None:
    st.session_state[_OUTCOME] = None
    try:
        app.arena.skip(battle, voter_id())
    except RunoffError as error:
        _notice(error)


def _undo(app: App, battle: str) -> None:
    try:
        app.arena.undo(battle, voter_id())
    except RunoffError as error:
        _notice(error)
    else:
        st.session_state[_OUTCOME] = None
        st.session_state[_NOTICE] = "Vote withdrawn. That battle will not come back to you, since you know its names."


def _notice(error: RunoffError) -> None:
    expected = isinstance(error, NotOpenError)
    text = plain(str(error))
    st.session_state[_NOTICE] = text if expected else f"{text} Incident {incident(error)}."
