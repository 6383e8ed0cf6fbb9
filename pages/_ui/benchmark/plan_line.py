"""What a plan asks for, in one line, and how to be rid of it."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from pages._ui.benchmark.benchmark_words import stage_said
from pages._ui.errors import attempt
from pages._ui.escape import code, plain
from pages._ui.wording import ago, counted, listed


def plan_line(app: App, plan: BenchmarkPlan) -> None:
    """The line and, beside it, everything else about the plan."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":small[{in_words(plan, len(app.benchmarks.queries(plan)))}]", width="stretch")
        with st.popover("Plan", icon=":material/info:"):
            st.markdown(f"**{plain(plan.name)}**, made {ago(plan.created_at)}")
            st.markdown("\n".join(f"- {code(spec)}" for spec in plan.systems))
            st.markdown(f"Measures: {', '.join(code(measure) for measure in plan.measures)}")
            st.button("Remove this plan", on_click=attempt, args=(app.benchmarks.remove, plan.id), key="remove_plan")
            st.caption("Rankings and measured latencies stay; only the plan is forgotten.")


def in_words(plan: BenchmarkPlan, queries: int) -> str:
    """First stage, queries, systems and what else is measured, in Markdown."""
    which = f" of category {plain(plan.category)}" if plan.category else ", a part of them" if plan.queries else ""
    depths = listed([str(depth) for depth in plan.depths])
    shuffled, probed = min(plan.shuffled_queries, queries), min(plan.probe_queries, queries)
    parts = [
        counted(len(plan.systems), "system"),
        f"{counted(queries, 'query', 'queries')}{which}",
        f"candidates: {plain(stage_said(plan.first_stage))}",
        f"baseline {code(plan.baseline)}",
        f"also the first {depths}" if plan.depths else "",
        f"{counted(plan.shuffles, 'shuffle')} of {counted(shuffled, 'list')}" if plan.shuffles else "",
        f"latency over {counted(probed, 'query', 'queries')}" if plan.probe_queries else "no latency probe",
    ]
    return " · ".join(part for part in parts if part)
