"""Before a run: what it would cost, with a plain warning where that is hours."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.services.benchmarks.views import Progress
from core.services.systems import is_slow
from pages._ui.benchmark.plan_systems import cannot_run, missing_models, slow_said
from pages._ui.benchmark.progress_tables import forecast_table
from pages._ui.errors import attempt
from pages._ui.escape import code
from pages._ui.wording import counted, seconds

LONG_SECONDS = 1800.0


def forecast(app: App, plan: BenchmarkPlan, progress: Progress, *, table: bool) -> None:
    """Totals in words, with ``table`` by system, and how to measure what is not known."""
    left = forecast_table(progress)
    if not left["System"]:
        return
    st.markdown(total_said(progress))
    warnings(app, plan, progress)
    if table:
        st.dataframe(
            left,
            hide_index=True,
            width="stretch",
            column_config={
                "Rankings": st.column_config.NumberColumn(format="localized", help="Still to be made."),
                "Model calls": st.column_config.TextColumn(alignment="right"),
                "Time": st.column_config.TextColumn(alignment="right", help="From what its calls took here before."),
            },
        )
    if progress.unmeasured:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Measure one query", key="measure", on_click=attempt, args=(app.benchmarks.measure_speed, plan))
            st.caption(unmeasured_said(progress))


def total_said(progress: Progress) -> str:
    """Rankings, time and the probe, in Markdown."""
    rankings = sum(cell.total - cell.done for cell in progress.cells)
    left = progress.seconds_left
    about = "under 1 s" if left is not None and left < 1 else f"about **{seconds(left or 0.0)}**"
    time = "in a time that nobody has measured here yet" if left is None else f"in {about}"
    probes = progress.probes - progress.probes_done
    probed = f", and {counted(probes, 'latency measurement')} after that" if probes else ""
    return f"A run makes **{rankings:,}** {'ranking' if rankings == 1 else 'rankings'} {time}{probed}."


def unmeasured_said(progress: Progress) -> str:
    """What measuring does."""
    named = ", ".join(code(spec) for spec in progress.unmeasured)
    return f"Ranks one query of median length with {named}; the forecast is then a measured one. The rankings stay."


def warnings(app: App, plan: BenchmarkPlan, progress: Progress) -> None:
    """Hours, language models of unknown speed, and models that are not here."""
    systems = [app.systems.resolve(spec) for spec in plan.systems]
    left = progress.seconds_left
    slow = [system.spec for system in systems if is_slow(system)]
    unknown = [spec for spec in slow if spec in progress.unmeasured]
    if left is not None and left > LONG_SECONDS:
        st.warning(
            f"This takes about {seconds(left)}. It may be cancelled or interrupted at any time: everything finished "
            "stays, and quick systems come first."
        )
    elif unknown:
        st.warning(slow_said(unknown))
    absent = missing_models(app)
    for system in systems:
        if reason := cannot_run(system, absent):
            st.warning(f"{code(system.spec)} cannot run here: {reason}")
