"""The verdict buttons of the arena and what is said after a vote.

Every key and every callback carries the battle's id: a second click on a button that is already gone can never
fall on the next battle. What follows a vote is kept in the session as plain values, for undo and for reading.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.errors import NotOpenError, RunoffError, StorageError
from core.domain.voting import Verdict
from core.services.arena import BattleView, Reveal
from pages._ui.errors import incident
from pages._ui.escape import code, plain
from pages._ui.voter import voter_id

_OUTCOME = "arena_outcome"
_NOTICE = "arena_notice"
_UNSAVED = "arena_unsaved"
_INVITATION = "Two systems ordered the same passages. Say which list serves the query better; their names come after."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One button."""

    verdict: Verdict
    label: str
    key: str


CHOICES = (
    Choice(verdict=Verdict.LEFT, label="A is better", key="1"),
    Choice(verdict=Verdict.EQUAL, label="Equally good", key="2"),
    Choice(verdict=Verdict.BOTH_BAD, label="Both bad", key="3"),
    Choice(verdict=Verdict.RIGHT, label="B is better", key="4"),
)
_SAID = {
    Verdict.LEFT: "A is better",
    Verdict.RIGHT: "B is better",
    Verdict.EQUAL: "equally good",
    Verdict.BOTH_BAD: "both bad",
}


def show_buttons(app: App, battle: BattleView) -> None:
    """The four verdicts and Skip, at the foot of the window whatever the length of the lists."""
    with st.bottom, st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        for choice in CHOICES:
            st.button(
                choice.label,
                key=f"{choice.verdict}-{battle.id}",
                shortcut=choice.key,
                type="primary" if choice.verdict in (Verdict.LEFT, Verdict.RIGHT) else "secondary",
                on_click=_vote,
                args=(app, battle.id, str(choice.verdict)),
            )
        st.button("Skip", key=f"skip-{battle.id}", shortcut="s", type="tertiary", on_click=_skip, args=(app, battle.id))


def show_outcome(app: App) -> None:
    """The names after a vote with Undo, which stays until the next vote; before the first one, what to do."""
    outcome = st.session_state.get(_OUTCOME)
    if not outcome:
        st.markdown(f":small[{_INVITATION}]", width="stretch")
        return
    battle = outcome["battle"]
    st.markdown(f":small[{outcome['text']}]", width="stretch")
    st.button("Undo", key=f"undo-{battle}", on_click=_undo, args=(app, battle))


def show_notice(app: App) -> None:
    """Why the last click did not count, and a vote that could not be saved, to save again."""
    if notice := st.session_state.pop(_NOTICE, ""):
        st.warning(notice)
    if unsaved := st.session_state.get(_UNSAVED):
        battle, verdict = unsaved
        label = f"Save again: {_SAID[Verdict(verdict)]}"
        st.button(label, key=f"again-{battle}", type="primary", on_click=_vote, args=(app, battle, verdict))


def ask_name(app: App) -> None:
    """A voter may give a name; nothing depends on it."""
    known = app.arena.enter(voter_id()).name
    name = st.text_input("Your name (if you like)", value=known, max_chars=80, key="voter_name")
    if name.strip() != known:
        app.arena.enter(voter_id(), name)


def _vote(app: App, battle: str, verdict: str) -> None:
    st.session_state.pop(_UNSAVED, None)
    try:
        reveal = app.arena.vote(battle, voter_id(), Verdict(verdict))
    except StorageError as error:
        st.session_state[_UNSAVED] = (battle, verdict)
        _notice(error)
    except RunoffError as error:
        _notice(error)
    else:
        st.session_state[_OUTCOME] = {"battle": battle, "text": sentence(reveal)}


def _skip(app: App, battle: str) -> None:
    st.session_state.pop(_OUTCOME, None)
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
        st.session_state.pop(_OUTCOME, None)
        st.session_state[_NOTICE] = "Vote withdrawn. That battle will not come back to you, since you know its names."


def _notice(error: RunoffError) -> None:
    expected = isinstance(error, NotOpenError)
    text = plain(str(error))
    st.session_state[_NOTICE] = text if expected else f"{text} Incident {incident(error)}."


def sentence(reveal: Reveal) -> str:
    """The calm line after a vote: what A and B were, and what others or the labels say."""
    return f"You said {_SAID[reveal.verdict]}. A was {code(reveal.left)}, B was {code(reveal.right)}. {_echo(reveal)}"


def _echo(reveal: Reveal) -> str:
    total = sum(reveal.others.values())
    if total:
        agreed = reveal.others.get(reveal.verdict, 0)
        return f"You agree with {agreed} of {total} {'other' if total == 1 else 'others'}."
    if reveal.labels is None:
        return "Nobody else has judged this pair on this query yet."
    left, right = reveal.labels
    if abs(left - right) < 0.005:
        return f"The relevance labels see no difference (nDCG@10 {left:.2f} each)."
    better = "A" if left > right else "B"
    return f"The relevance labels prefer {better} (nDCG@10: A {left:.2f}, B {right:.2f})."
