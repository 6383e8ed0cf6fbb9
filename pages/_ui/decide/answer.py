"""The answer: the sentence, its evidence, what people say, what would be had for more."""

from __future__ import annotations

import streamlit as st

from core.services.choosing.choice import Choice
from pages._ui.decide.limit_form import set_limits
from pages._ui.escape import plain
from pages._ui.navigation import LEADERBOARD
from pages._ui.urlstate import asked


def answer(choice: Choice) -> None:
    """Everything above the limits."""
    st.markdown(f"## {plain(choice.sentence)}")
    if choice.evidence:
        st.markdown(plain(" ".join(choice.evidence)))
    if choice.opinion is not None:
        icon = {True: ":material/thumb_up:", False: ":material/thumbs_up_down:", None: ":material/how_to_vote:"}
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{icon[choice.opinion.agrees]} {plain(choice.opinion.sentence)}", width="content")
            st.page_link(LEADERBOARD, label="Leaderboard", query_params={"collection": asked("collection")})
    for note in choice.notes:
        st.caption(f":material/info: {plain(note)}")


def relaxed(choice: Choice) -> None:
    """What more room would buy, each with a button that makes the room."""
    if not choice.relaxations:
        return
    st.markdown("**With more room**")
    for number, one in enumerate(choice.relaxations):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(one.sentence)}", width="stretch")
            st.button(
                "Allow it", key=f"relax_{number}", on_click=set_limits, args=(dict(one.needed),), type="secondary"
            )
