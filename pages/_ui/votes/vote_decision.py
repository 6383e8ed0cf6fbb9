"""Deciding on votes or voters: what, why, and on how many; nothing is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter
from core.domain.vote_log import ActKind
from pages._ui.errors import told
from pages._ui.wording import counted

_DONE = "votes_decided"
_REASON = "decide_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a decision is about: votes by battle, or voters with all their votes."""

    battles: tuple[str, ...] = ()
    voters: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.voters:
            return f"all votes of {counted(len(self.voters), 'voter')}"
        return counted(len(self.battles), "vote")

    def __bool__(self) -> bool:
        return bool(self.battles or self.voters)


def decide_form(app: App, actor: Actor, target: Target, found: int = 0, wanted: VoteFilter | None = None) -> None:
    """Reason and buttons. ``wanted``: the filters whose ``found`` votes may be decided on together."""
    if done := st.session_state.pop(_DONE, ""):
        st.success(done)
    if not actor.role.includes(Role.OPERATOR):
        st.caption("Deciding on votes needs the role operator.")
        return
    everything = False
    if not target and wanted is not None and found:
        everything = st.checkbox(f"Take all {counted(found, 'vote')} found", key="decide_all")
    if not target and not everything:
        return
    about = counted(found, "vote") if everything else str(target)
    st.text_input("Why (kept in the log)", key=_REASON, placeholder="always left, see the checks")
    with st.container(horizontal=True, gap="small"):
        for kind, label in ((ActKind.EXCLUDE, "Exclude"), (ActKind.READMIT, "Readmit")):
            st.button(
                f"{label} {about}",
                key=f"decide_{kind}",
                type="primary" if kind is ActKind.EXCLUDE else "secondary",
                on_click=_decide,
                args=(app, actor, kind, target, wanted if everything else None),
            )


def _decide(app: App, actor: Actor, kind: ActKind, target: Target, wanted: VoteFilter | None) -> None:
    reason = st.session_state.get(_REASON, "")  # as it is now, not as it was when the button was drawn
    with told():
        if wanted is not None:
            rows = app.moderation.decide_matching(actor, kind, wanted, reason=reason)
        else:
            rows = app.moderation.decide(actor, kind, battles=target.battles, voters=target.voters, reason=reason)
        st.session_state[_DONE] = (
            f"{counted(rows, 'row')} added to the log. Boards follow; readmit undoes an exclusion."
        )
        st.session_state[_REASON] = ""
