"""Which systems a benchmark compares, and which of them cannot run here and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.systems import System
from core.services.systems import BASELINE, is_slow
from pages._ui.escape import code, plain
from pages._ui.navigation import SYSTEMS
from pages._ui.system_choice import choose_systems
from pages._ui.wording import listed

_HELP = (
    "As many as you like; type a specification such as prp-heapsort:smollm2-135m-instruct?k=5 and press Enter. "
    "A system is strategy[:model][?parameter=value]."
)


def quick_systems(app: App) -> list[str]:
    """The line to beat and those of the arena that ask no language model and can run here."""
    absent = missing_models(app)
    return [
        system.spec
        for system in app.systems.lineup()
        if not is_slow(system) and not any(model.id in absent for model in system.models)
    ]


def plan_systems(app: App) -> list[str]:
    """The chooser; below it what will not run and what will take long."""
    absent = missing_models(app)
    elsewhere = {offer.spec: offer.reason for offer in app.systems.absent()}

    def shown(spec: str) -> str:
        return f"{spec} (not here: {elsewhere[spec]})" if spec in elsewhere else spec

    specs = choose_systems(
        app,
        name="systems",
        most=None,
        fallback=quick_systems(app),
        shown=shown,
        help=_HELP,
        placeholder="Choose systems",
    )
    systems = [app.systems.resolve(spec) for spec in specs]
    for system in systems:
        if reason := cannot_run(system, absent):
            st.warning(f"{code(system.spec)} cannot run here: {reason}")
    slow = [system.spec for system in systems if is_slow(system)]
    if slow:
        st.caption(slow_said(slow))
    unavailable = [spec for spec in elsewhere if spec not in specs]
    if unavailable:
        with st.popover(f"{len(unavailable)} more need a model that is not here", type="tertiary"):
            st.dataframe({"System": unavailable, "Why not": [elsewhere[spec] for spec in unavailable]}, hide_index=True)
            st.page_link(SYSTEMS, label="Get models on the Systems page", query_params={"show": "models"})
    return specs


def missing_models(app: App) -> dict[str, str]:
    """Id of each model that cannot be used here, with the reason and what helps, in Markdown."""
    return {
        status.entry.id: f"{plain(status.availability.reason)}. {plain(status.availability.how)}".strip()
        for status in app.systems.models()
        if not status.availability.available
    }


def cannot_run(system: System, absent: dict[str, str]) -> str:
    """Why not, in Markdown; empty where every model is there."""
    return " ".join(f"{code(model.id)} is {absent[model.id]}" for model in system.models if model.id in absent)


def slow_said(specs: Sequence[str]) -> str:
    """A plain warning, in Markdown."""
    verb = "asks a language model" if len(specs) == 1 else "ask language models"
    return (
        f"{listed([code(spec) for spec in specs])} {verb}. On a CPU that is seconds to minutes for each query, so many "
        "queries can take hours. Start with a sample of the queries and measure one query first."
    )


def baselines(specs: Sequence[str]) -> list[str]:
    """What others may be held against: the order of the candidates as they come first."""
    return list(dict.fromkeys([BASELINE, *specs]))
