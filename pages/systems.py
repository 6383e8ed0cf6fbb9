"""Systems: strategies and the models that fit them, what can be loaded here, registering a model, the engine."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.models import ModelEntry
from core.strategies.base import StrategyInfo
from pages._ui import guard, ran_on
from pages._ui.engine_panel import engine_panel
from pages._ui.errors import told
from pages._ui.model_detail import show_models
from pages._ui.model_register import register_form
from pages._ui.session import app
from pages._ui.urlstate import switch
from pages._ui.wording import Table

VIEWS = {"systems": "Systems", "models": "Models", "register": "Register a model", "engine": "Engine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A system that can run here, or (``reason``) a strategy for which something is missing."""

    spec: str
    strategy: StrategyInfo
    model: ModelEntry | None = None
    reason: str = ""
    how: str = ""


def lines(runoff: App) -> list[Line]:
    """What can run here, then every other strategy once with what it lacks."""
    offers = runoff.systems.offers()
    offered = {offer.strategy.name for offer in offers}
    found = [Line(spec=offer.spec, strategy=offer.strategy, model=offer.model) for offer in offers]
    others = [described for described in runoff.strategies.all() if described.info.name not in offered]
    found += [Line(spec=one.spec, strategy=one.info, reason=one.reason, how=one.how) for one in others]
    return sorted(found, key=lambda line: bool(line.reason))


def table(shown: list[Line], roster: set[str]) -> Table:
    """One line per combination of strategy and model that runs here, and one per strategy that does not."""
    return {
        "System": [line.spec for line in shown],
        "Runs here": [line.reason or "yes" for line in shown],
        "Strategy": [line.strategy.title for line in shown],
        "Family": [line.strategy.family for line in shown],
        "Model": ["" if line.model is None else line.model.id for line in shown],
        "What helps": [line.how for line in shown],
        "Precision": ["" if line.model is None else line.model.precision for line in shown],
        "In battles": ["yes" if line.spec in roster else "" for line in shown],
        "Version": [line.strategy.version for line in shown],
        "Paper": [line.strategy.paper for line in shown],
    }


def show_systems(runoff: App) -> None:
    """Everything that runs here and what is missing for the rest, searchable."""
    words = st.text_input("Search", key="system_search", placeholder="pairwise, bm25, smollm2 ...").lower().split()
    shown = [
        line
        for line in lines(runoff)
        if all(word in f"{line.spec} {line.strategy.title} {line.strategy.family}".lower() for word in words)
    ]
    if not shown:
        st.info("No system matches. Try fewer words, or register a model that has what the strategy needs.")
        return
    config = {
        "System": st.column_config.TextColumn(width=190),
        "Runs here": st.column_config.TextColumn(width=130),
        "What helps": st.column_config.TextColumn(width=130),
    }
    roster = {system.spec for system in runoff.systems.roster()}
    st.dataframe(table(shown, roster), hide_index=True, column_config=config, width="stretch")
    ran_on.precisions(runoff, [line.spec for line in shown if not line.reason])
    st.caption(
        "A system is written strategy[:model][?parameter=value&...]. Where a strategy has a default model, leaving it "
        "out means that one. Any specification can be typed into the Playground."
    )


guard.enter()
with told():
    runoff = app()
    view = switch("View", list(VIEWS), name="show", shown=VIEWS.__getitem__)
    if view == "systems":
        show_systems(runoff)
    elif view == "models":
        show_models(runoff)
    elif view == "engine":
        engine_panel(runoff)
    else:
        register_form(runoff)
