"""One vote: what was asked, what was said, and what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.bootstrap import App
from core.domain.roles import Actor
from core.domain.vote_log import Decision
from core.domain.voting import SHARES, BattleForm, Verdict, Vote
from pages._ui.arena.reveal_line import SAID
from pages._ui.errors import attempt
from pages._ui.escape import code, plain
from pages._ui.wording import Table

FORMS = {
    BattleForm.SIDE_BY_SIDE: "side by side",
    BattleForm.INTERLEAVED: "one merged list",
    BattleForm.BEST_TO_WORST: "put in order",
}


def show_vote(app: App, actor: Actor, vote: Vote, names: Mapping[str, str]) -> None:
    """The vote that is selected."""
    systems = ", ".join(f"{slot} {code(names.get(id, id))}" for slot, id in zip("ABCD", vote.slots, strict=False))
    st.markdown(f"**Query {plain(vote.query_id)}** in {plain(vote.category or 'no category')}: {systems}")
    st.caption(
        f"{FORMS[vote.form].capitalize()}, drawn by {vote.policy} with probability {vote.probability:.2g}. "
        f"Voter {code(vote.voter)}. Battle {code(vote.battle)}."
    )
    if vote.reasons or vote.marks:
        useful = [mark.document for mark in vote.marks if mark.useful]
        useless = [mark.document for mark in vote.marks if not mark.useful]
        parts = [
            f"Reasons: {', '.join(map(str, vote.reasons))}." if vote.reasons else "",
            f"Useful: {', '.join(useful)}." if useful else "",
            f"Not useful: {', '.join(useless)}." if useless else "",
        ]
        st.caption(plain(" ".join(part for part in parts if part)))
    history = app.moderation.history(actor, battle=vote.battle, voter=vote.voter)
    if history:
        st.dataframe(history_table(history), hide_index=True, width="stretch")
    if vote.verdict is not Verdict.ORDERED:
        _correct(app, actor, vote)


def history_table(history: tuple[Decision, ...]) -> Table:
    """One line per decision."""
    return {
        "When": [decision.act.at for decision in history],
        "What": [str(decision.act.kind) for decision in history],
        "About": ["the voter" if decision.act.voter else "this vote" for decision in history],
        "By": [decision.act.actor[:24] for decision in history],
        "Why": [decision.act.reason for decision in history],
    }


def _correct(app: App, actor: Actor, vote: Vote) -> None:
    said = {str(verdict): SAID[verdict] for verdict in SHARES if verdict is not vote.verdict}
    with st.popover("Correct the verdict"):
        st.selectbox("Verdict", list(said), key=f"correct-{vote.battle}", format_func=said.__getitem__)
        st.text_input("Why", key=f"correct-why-{vote.battle}")
        st.button(
            "Correct", key=f"correct-do-{vote.battle}", type="primary", on_click=_take, args=(app, actor, vote.battle)
        )


def _take(app: App, actor: Actor, battle: str) -> None:
    verdict = Verdict(st.session_state[f"correct-{battle}"])
    attempt(partial(app.moderation.correct, reason=st.session_state[f"correct-why-{battle}"]), actor, battle, verdict)
