"""Which systems to compare: those that fit here, or any specification that a person types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.bootstrap import App
from core.domain.documents import CandidateList
from core.domain.errors import RunoffError
from core.services.playground import Forecast
from core.services.systems import BASELINE
from pages._ui import errors
from pages._ui.escape import code
from pages._ui.prediction_line import call_words, total_words
from pages._ui.system_builder import build_button
from pages._ui.urlstate import keep_choice, kept, remember

LEAST = 2
_ADDED = "systems_built"  # widget to what was built for it: a widget's value can only be set before it is drawn
_HELP = (
    "Choose two to six, or type a specification such as prp-heapsort:smollm2-135m-instruct?k=5 and press Enter. "
    "A system is strategy[:model][?parameter=value]."
)


def choose_systems(
    app: App,
    *,
    name: str = "system",
    most: int | None = 0,
    fallback: Sequence[str] = (),
    shown: Callable[[str], str] = str,
    help: str = _HELP,
    placeholder: str = "Choose two to six systems",
    candidates: CandidateList | None = None,
) -> list[str]:
    """Specifications in the order chosen, canonical and without repetition; those that mean nothing are told.

    ``name``: in the URL. ``most``: how many, None for any number, 0 for the limit of a comparison. ``fallback``: what
    is chosen at first, the systems of the arena where it is empty. ``candidates``: what they will rank, where that is
    known, so that a system that is being built can say what it costs.
    """
    offered = [offer.spec for offer in app.systems.offers()]
    roster = [system.spec for system in app.systems.roster()]
    key = f"choice_{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get_all(name) or kept(name) or list(fallback) or roster
    if (added := st.session_state.get(_ADDED, {}).pop(key, "")) and added not in st.session_state[key]:
        st.session_state[key] = [*st.session_state[key], added]
    known = list(dict.fromkeys([BASELINE, *roster, *offered, *st.session_state[key]]))
    picked = st.multiselect(
        "Systems",
        known,
        key=key,
        accept_new_options=True,
        max_selections=app.settings.limits.max_systems if most == 0 else most,
        format_func=shown,
        help=help,
        placeholder=placeholder,
    )
    build_button(app, candidates, known, partial(_add, key))
    remember(name, picked)
    keep_choice(name, picked)
    return _resolved(app, picked)


def _add(key: str, spec: str) -> None:
    """Choose one more, in the next run."""
    st.session_state[_ADDED] = {**st.session_state.get(_ADDED, {}), key: spec}


def _resolved(app: App, picked: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for spec in picked:
        try:
            found[app.systems.resolve(spec).spec] = None
        except RunoffError as error:
            errors.show(error)
    return list(found)


def forecast_line(forecasts: Sequence[Forecast]) -> str:
    """What a run would cost, in Markdown; empty where every ranking is there already."""
    open_ones = [forecast for forecast in forecasts if not forecast.ready]
    if not open_ones:
        return ""
    parts = [f"{code(forecast.system.spec)} {call_words(forecast.predicted)}" for forecast in open_ones]
    total = total_words([forecast.predicted for forecast in open_ones])
    return f"A run asks: {', '.join(parts)}. {total}"
