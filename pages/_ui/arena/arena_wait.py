"""While no battle is ready: how far the preparation is, asked once a second; the battle then appears by itself.

The title of the job names systems, so none of its words are shown here.
"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.battles.battle_views import Waiting
from pages._ui.arena.arena_options import Options
from pages._ui.errors import attempt, told
from pages._ui.escape import plain
from pages._ui.voter import voter_id

EVERY_SECONDS = 1


def show_waiting(app: App, waiting: Waiting, options: Options) -> None:
    """Progress while battles are being prepared; else why there is none and what to do."""
    fingerprint = options.collection.fingerprint
    if app.preparation.preparing(fingerprint):
        _poll(app, options)
        return
    st.info(plain(waiting.reason))
    if options.category or options.form:
        st.caption("All categories and any kind of battle under Options may bring more.")
    st.button("Prepare battles", key="prepare", on_click=attempt, args=(app.preparation.ensure, fingerprint))


@st.fragment(run_every=EVERY_SECONDS)
def _poll(app: App, options: Options) -> None:
    fingerprint = options.collection.fingerprint
    with told():
        state = app.arena.next_battle(voter_id(), fingerprint, options.category, form=options.form)
        if not isinstance(state, Waiting) or not app.preparation.preparing(fingerprint):
            st.rerun()
        job = state.job
        if job is None or not job.total:
            st.progress(0.0, text="The first battle is being prepared. The models are starting.")
        else:
            share = min(job.done / job.total, 1.0)
            st.progress(share, text=f"The first battle is being prepared: {job.done:,} of {job.total:,} rankings.")
