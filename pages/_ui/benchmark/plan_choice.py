"""Which benchmark of the collection is looked at; its id is in the URL as ``plan``."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from pages._ui.collection_choice import choose_collection
from pages._ui.plan_link import follow_plan_link
from pages._ui.urlstate import begin, remember, settle

NEW = "new"
KEY = "choice_plan"
_GO = "plan_to_show"  # a plan that was just made


def choose_plan(app: App) -> tuple[Collection, BenchmarkPlan | None]:
    """Collection and plan; None: a new one is wanted, or there is none yet."""
    _show_what_was_made()
    follow_plan_link(app)
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


def _show_what_was_made() -> None:
    go = st.session_state.pop(_GO, "")
    if go:
        st.session_state[KEY] = go
        remember("plan", go)
