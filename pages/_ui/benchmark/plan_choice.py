"""Which benchmark of the collection is looked at; its id is in the URL as ``plan``."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.errors import UnknownNameError
from pages._ui.collection_choice import choose_collection
from pages._ui.urlstate import asked, begin, remember, settle

NEW = "new"
KEY = "choice_plan"
_GO = "plan_to_show"  # a plan that was just made


def choose_plan(app: App) -> tuple[Collection, BenchmarkPlan | None]:
    """Collection and plan; None: a new one is wanted, or there is none yet."""
    _follow_link(app)
    left, right = st.columns([1, 2])
    with left:
        collection = choose_collection(app)
    plans = {plan.id: plan for plan in app.benchmarks.all(collection.fingerprint)}
    if not plans:
        remember("plan", "")
        return collection, None
    key = begin("plan", [*plans, NEW], next(iter(plans)), keep=True)
    with right:
        chosen = st.selectbox(
            "Benchmark", [*plans, NEW], key=key, format_func=lambda id: plans[id].name if id in plans else "A new one"
        )
    settle("plan", chosen, keep=True)
    return collection, plans.get(chosen)


def show_plan(plan_id: str) -> None:
    """In the next run the page shows this plan."""
    st.session_state[_GO] = plan_id


def _follow_link(app: App) -> None:
    """A link names a plan, and with it the collection, whatever was chosen on another page before."""
    go = st.session_state.pop(_GO, "")
    if go:
        st.session_state[KEY] = go
        remember("plan", go)
    elif asked("plan") not in ("", NEW):
        try:
            plan = app.benchmarks.get(asked("plan"))
        except UnknownNameError:
            return
        remember("collection", app.collections.get(plan.collection).name)
