"""A new benchmark: what is compared on what. Nothing runs before its forecast was seen."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from pages._ui.benchmark.plan_choice import show_plan
from pages._ui.benchmark.plan_parts import (
    Extras,
    choose_extras,
    choose_measures,
    choose_queries,
    choose_stage,
    default_stage,
)
from pages._ui.benchmark.plan_systems import baselines, plan_systems, quick_systems
from pages._ui.errors import told
from pages._ui.wording import counted

ABOUT = (
    "A benchmark ranks the same candidates of every query with every system and holds the orders against relevance "
    "labels. It says how good each system is **on all queries**, which differences are **real** rather than luck, and "
    "what each one **costs** in calls, tokens, memory and milliseconds. Everything finished stays and shows up in "
    "the Arena and the Playground at once."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A filled form."""

    collection: str
    systems: tuple[str, ...]
    stage: FirstStage
    category: str
    queries: tuple[str, ...]
    measures: tuple[str, ...]
    baseline: str
    extras: Extras
    name: str


def welcome(app: App) -> None:
    """What a benchmark is; one click runs the sample."""
    st.markdown(ABOUT)
    sample = next((known for known in app.collections.all() if known.sample), None)
    if sample is None:
        return
    specs = quick_systems(app)
    st.button("Run the sample benchmark", type="primary", key="sample", on_click=_sample, args=(app, sample, specs))
    held = f"{counted(sample.queries, 'query', 'queries')}, {counted(len(specs), 'quick system')}"
    st.caption(f"{held}, latency included: a minute or two. Or plan one of your own below.")


def plan_form(app: App, collection: Collection, *, first: bool) -> None:
    """Every choice and the button; ``first``: the sample's button above is the main one."""
    st.subheader("A new benchmark", anchor=False)
    specs = plan_systems(app)
    left, right = st.columns(2)
    with left:
        stage = choose_stage(app, collection)
    with right:
        category, queries = choose_queries(app, collection)
    left, right = st.columns([2, 1])
    with left:
        measures = choose_measures()
    baseline = right.selectbox(
        "Baseline", baselines(specs), key="plan_baseline", help="What the others must beat; first-stage: no reranker."
    )
    left, right = st.columns([2, 1])
    with left:
        extras = choose_extras(app, collection, stage)
    name = right.text_input("Name", key="plan_name", max_chars=200, placeholder="made up where empty")
    draft = Draft(
        collection=collection.fingerprint,
        systems=tuple(specs),
        stage=stage,
        category=category,
        queries=queries,
        measures=tuple(measures),
        baseline=baseline,
        extras=extras,
        name=name,
    )
    kind = "secondary" if first else "primary"
    # not in a callback, which would get the values of the run before: those of a field still being left are newer
    if st.button("Make the plan", type=kind, key="make_plan"):
        _make(app, draft)
        st.rerun()
    st.caption("Nothing runs yet: the forecast of calls and time comes next.")


def _make(app: App, draft: Draft) -> None:
    plan = app.benchmarks.create(
        draft.collection,
        draft.systems,
        name=draft.name,
        stage=draft.stage,
        queries=draft.queries,
        category=draft.category,
        measures=draft.measures,
        baseline=draft.baseline,
        depths=draft.extras.depths,
        shuffles=draft.extras.shuffles,
        probe_queries=draft.extras.probe_queries,
    )
    show_plan(plan.id)


def _sample(app: App, sample: Collection, specs: list[str]) -> None:
    with told():
        plan = app.benchmarks.create(sample.fingerprint, specs, name="Sample", stage=default_stage(app, sample))
        st.session_state["choice_collection"] = sample.name
        show_plan(plan.id)
        app.benchmarks.start(plan)
