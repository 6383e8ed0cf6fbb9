"""Which benchmark the decision rests on; its id is in the URL as ``plan``, as on the Benchmark page."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from pages._ui.collection_choice import choose_collection
from pages._ui.plan_link import follow_plan_link
from pages._ui.urlstate import begin, remember, settle


def choose_plan(app: App) -> tuple[Collection, BenchmarkPlan | None]:
    """Collection and plan, None where the collection has none. A plan in a link decides the collection."""
    follow_plan_link(app)
    left, right = st.columns([1, 2])
    with left:
        collection = choose_collection(app)
    plans = {plan.id: plan for plan in app.benchmarks.all(collection.fingerprint)}
    if not plans:
        remember("plan", "")
        return collection, None
    key = begin("plan", list(plans), next(iter(plans)), keep=True)
    with right:
        chosen = st.selectbox("Benchmark", list(plans), key=key, format_func=lambda id: plans[id].name)
    return collection, plans[settle("plan", chosen, keep=True)]
