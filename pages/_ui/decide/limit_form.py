"""The limits of the decision; every one is optional and in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.models import MULTILINGUAL
from core.services.choosing.chooser import Offered
from core.services.choosing.limits import Axis, Limits
from pages._ui.urlstate import asked, begin, remember, settle, switch

AXES = {Axis.LATENCY: "Latency", Axis.MEMORY: "Memory", Axis.PRICE: "Price"}
# field of Limits -> name in the URL
NUMBERS = {"p95_ms": "p95", "memory_mb": "memory", "price_per_1000": "price"}
FURTHER = ("licence", "language", "measure", "depth", "device")


def choose_limits(offered: Offered) -> Limits:
    """The form, and what it says."""
    axis = Axis(switch("Cost", [str(axis) for axis in Axis], name="axis", shown=lambda name: AXES[Axis(name)]))
    p95 = _number("p95 latency, ms at most", "p95", 10.0, "The slowest acceptable 95th percentile of one query.")
    memory = _number("Memory, MB at most", "memory", 50.0, "Of all models of the system together, 10^6 bytes.")
    price = _number(
        f"1,000 queries, {offered.currency} at most",
        "price",
        0.01,
        "Machine time by the mean latency, and what endpoints charge. Prices stand in runoff.toml.",
    )
    with st.expander("Licence, language, measure", expanded=any(map(_stated, FURTHER))):
        licences = _several("Licences allowed", offered.licences, "licence", "any licence")
        languages = _several("Languages needed", _languages(offered), "language", "any language")
        measure = _one("Quality by", offered.measures, "measure")
        depth = _one("Candidates reranked", [str(depth) for depth in offered.depths], "depth")
        device = _one("Device", offered.devices, "device")
    return Limits(
        p95_ms=p95,
        memory_mb=memory,
        price_per_1000=price,
        licences=licences,
        languages=languages,
        depth=int(depth or 0),
        device=device,
        measure=measure,
        axis=axis,
    )


def set_limits(needed: Mapping[str, float]) -> None:
    """Relax limits to these values; for callbacks."""
    for limit, value in needed.items():
        st.session_state[f"choice_{NUMBERS[limit]}"] = value


def _stated(name: str) -> bool:
    """Whether the link says anything of it."""
    return bool(st.query_params.get_all(name))


def _number(label: str, name: str, step: float, help: str) -> float | None:
    key = f"choice_{name}"
    if key not in st.session_state:
        st.session_state[key] = _parsed(asked(name))
    value = st.number_input(
        label, min_value=0.0, value=None, step=step, key=key, format="%g", placeholder="no limit", help=help
    )
    remember(name, f"{value:.12g}" if value else "")
    return value or None


def _parsed(text: str) -> float | None:
    """None for what is no number above zero."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _several(label: str, options: Sequence[str], name: str, anything: str) -> tuple[str, ...]:
    key = f"choice_{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get_all(name)
    st.session_state[key] = [value for value in st.session_state[key] if value in options]
    picked = st.multiselect(label, options, key=key, placeholder=anything)
    remember(name, picked)
    return tuple(picked)


def _one(label: str, options: Sequence[str], name: str) -> str:
    """The first unless another is taken; nothing is drawn where there is nothing to choose."""
    if len(options) < 2:
        remember(name, "")
        return ""
    value = st.selectbox(label, options, key=begin(name, options, options[0]))
    settle(name, "" if value == options[0] else value)
    return value


def _languages(offered: Offered) -> list[str]:
    """The collection's own first; a model cannot be required to be made for everything."""
    own = [offered.language] if offered.language not in ("", "und") else []
    return list(dict.fromkeys([*own, *(code for code in offered.languages if code != MULTILINGUAL)]))
