"""While no battle is ready: how far the preparation is, asked once a second; the battle then appears by itself.

The title of the job names systems, so none of its words are shown here.
"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.services.arena import Waiting
from pages._ui.errors import attempt, told
from pages._ui.escape import plain
from pages._ui.voter import voter_id

EVERY_SECONDS = 1


def show_waiting(app: App, waiting: Waiting, collection: Collection, category: str) -> None:
    """Progress while battles are being prepared; else why there is none and what to do."""
    if app.preparation.preparing(collection.fingerprint):
        _poll(app, collection.fingerprint, category)
        return
    st.info(plain(waiting.reason))
    if category:
        st.caption("Choosing all categories under Options may bring more battles.")
    st.button("Prepare battles", key="prepare", on_click=attempt, args=(app.preparation.ensure, collection.fingerprint))


@st.fragment(run_every=EVERY_SECONDS)
def _poll(app: App, fingerprint: str, category: str) -> None:
    with told():
        state = app.arena.next_battle(voter_id(), fingerprint, category)
        if not isinstance(state, Waiting) or not app.preparation.preparing(fingerprint):
            st.rerun()
        job = state.job
        if job is None or not job.total:
            st.progress(0.0, text="The first battle is being prepared. The models are starting.")
        else:
            share = min(job.done / job.total, 1.0)
            st.progress(share, text=f"The first battle is being prepared: {job.done:,} of {job.total:,} rankings.")
