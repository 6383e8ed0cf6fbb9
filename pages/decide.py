"""Decide: which one for us, within our limits?"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from pages._ui import guard
from pages._ui.bundle_buttons import bundle_buttons
from pages._ui.decide.answer import answer, relaxed
from pages._ui.decide.code_panel import code_panel
from pages._ui.decide.empty import nothing_measured, nothing_to_choose
from pages._ui.decide.front_figure import front_figure
from pages._ui.decide.limit_form import choose_limits
from pages._ui.decide.options_table import explain, options_table, to_do
from pages._ui.decide.plan_choice import choose_plan
from pages._ui.errors import told
from pages._ui.job_panel import follow
from pages._ui.session import app
from pages._ui.theme import PLOT, ink


def decide(runoff: App, collection: Collection, plan: BenchmarkPlan) -> None:
    """The answer on top, limits at the left, quality against cost beside them, then every system and the code."""
    job = runoff.benchmarks.running(plan)
    if job is not None:
        follow(runoff, job)
    top = st.container()
    left, right = st.columns([1, 3], gap="medium")
    with left:
        limits = choose_limits(runoff.chooser.offered(plan))
    choice = runoff.chooser.choose(plan, limits)
    with top:
        answer(choice)
    if not choice.options:
        with right:
            nothing_to_choose(collection, choice)
        return
    with right:
        figure = front_figure(choice, ink())
        st.plotly_chart(figure, config=PLOT, key="front", alt=f"{choice.measure} against cost, with the front")
        explain(choice)
        relaxed(choice)
        to_do(choice)
    options_table(runoff, choice)
    with told():
        code_panel(runoff, choice)
    bundle_buttons(runoff, choice.plan, choice.limits)


guard.enter()
with told():
    runoff = app()
    collection, plan = choose_plan(runoff)
    if plan is None:
        nothing_measured(collection)
    else:
        decide(runoff, collection, plan)
