"""Systems: strategies and the models that fit them, what can be loaded here, registering a model, the engine."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.systems import Offer
from pages._ui import guard, ran_on
from pages._ui.engine_panel import engine_panel
from pages._ui.errors import told
from pages._ui.model_detail import register_form, show_models
from pages._ui.session import app
from pages._ui.urlstate import switch
from pages._ui.wording import Table

VIEWS = {"systems": "Systems", "models": "Models", "register": "Register a model", "engine": "Engine"}


def table(offers: list[Offer], roster: set[str]) -> Table:
    """One line per combination of strategy and model."""
    return {
        "System": [offer.spec for offer in offers],
        "Strategy": [offer.strategy.title for offer in offers],
        "Family": [offer.strategy.family for offer in offers],
        "Model": ["" if offer.model is None else offer.model.id for offer in offers],
        "Runs here": [offer.reason or "yes" for offer in offers],
        "Precision": ["" if offer.model is None else offer.model.precision for offer in offers],
        "In battles": ["yes" if offer.spec in roster else "" for offer in offers],
        "Version": [offer.strategy.version for offer in offers],
        "Paper": [offer.strategy.paper for offer in offers],
    }


def show_systems(runoff: App) -> None:
    """Everything that fits together here, searchable."""
    words = st.text_input("Search", key="system_search", placeholder="pairwise, bm25, smollm2 ...").lower().split()
    offers = [
        offer
        for offer in runoff.systems.offers()
        if all(word in f"{offer.spec} {offer.strategy.title} {offer.strategy.family}".lower() for word in words)
    ]
    if not offers:
        st.info("No system matches. Try fewer words, or register a model that has what the strategy needs.")
        return
    config = {"System": st.column_config.TextColumn(width=200)}
    roster = {system.spec for system in runoff.systems.roster()}
    st.dataframe(table(offers, roster), hide_index=True, column_config=config, width="stretch")
    ran_on.precisions(runoff, [offer.spec for offer in offers])
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
