"""The engine: what runs where, which models are in memory, and how much the answer cache spares."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.domain.machines import short_device
from core.domain.roles import Role
from core.domain.work import CacheState, EngineStatus, ResidentModel
from pages._ui.acting import actor
from pages._ui.errors import attempt, told
from pages._ui.escape import code, plain
from pages._ui.wording import UNKNOWN, counted, size

EVERY_SECONDS = 2
HEARD_SECONDS = 20.0  # how long a button says that a model is being unloaded
STATES: Mapping[str, tuple[str, str]] = {
    "starting": (":material/hourglass_empty:", "The engine is starting"),
    "ready": (":material/check_circle:", "The engine is ready"),
    "restarting": (":material/restart_alt:", "The engine is being restarted"),
    "failed": (":material/error:", "The engine does not start"),
    "stopped": (":material/stop_circle:", "The engine is stopped"),
}
_EXECUTIONS = {"endpoint": "over the network", "index": "index"}


def engine_panel(app: App) -> None:
    """Drawn again every two seconds while it is on the screen."""
    _panel(app)


@st.fragment(run_every=EVERY_SECONDS)
def _panel(app: App) -> None:
    with told():
        status = app.engine_state.status()
        may = actor(app).role is Role.OPERATOR
        _state(status)
        _memory(app, status, may=may)
        _cache(app, status.cache, may=may)


def _state(status: EngineStatus) -> None:
    icon, said = STATES.get(status.state, ("", status.state))
    where = f" on {plain(short_device(status.device))}" if status.device not in ("", "auto") else ""
    st.markdown(f"{icon} **{said}{where}.** {plain(status.detail)}".rstrip())
    facts = [status.machine] if status.machine else []
    if status.restarts:
        facts.append(f"restarted {counted(status.restarts, 'time')}")
    if facts:
        st.caption(plain("; ".join(facts)) + ".")


def _memory(app: App, status: EngineStatus, *, may: bool) -> None:
    st.subheader("Models in memory", anchor=False)
    if status.model_memory_bytes:
        used = sum(model.memory_bytes for model in status.models)
        text = f"{size(used)} of {size(status.model_memory_bytes)}"
        st.progress(min(used / status.model_memory_bytes, 1.0), text=text)
    if not status.models:
        st.markdown("None is loaded now.")
    for model in reversed(status.models):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{plain(model.id)}**  \n:small[{plain(resident_said(model))}]", width="stretch")
            if may:
                _unload_button(app, model.id)
    st.caption(
        "A model is loaded when it is first asked. Where memory is short, the one used longest ago goes first. "
        "A model that is unloaded is loaded again as soon as it is needed."
    )


def _unload_button(app: App, model: str) -> None:
    """Says that it was heard: while another model is being loaded the engine does nothing else."""
    asked = time.monotonic() - st.session_state.get(_asked(model), float("-inf")) < HEARD_SECONDS
    st.button(
        "Unloading" if asked else "Unload",
        key=f"unload-{model}",
        on_click=attempt,
        args=(_unload, app, model),
        disabled=asked,
    )


def _unload(app: App, model: str) -> None:
    app.engine_state.unload(model)
    st.session_state[_asked(model)] = time.monotonic()


def _asked(model: str) -> str:
    return f"unloading-{model}"


def resident_said(model: ResidentModel) -> str:
    """``90 MB, CPU fp32, packed``."""
    parts = [_size(model.memory_bytes)] if model.memory_bytes else []
    if model.execution not in _EXECUTIONS:
        parts.append(" ".join(part for part in (short_device(model.device), model.precision) if part))
    return ", ".join([*parts, _EXECUTIONS.get(model.execution, model.execution)])


def _size(count: int) -> str:
    return size(count) if count >= 1_000_000 or not count else "under 1 MB"


def _cache(app: App, cache: CacheState, *, may: bool) -> None:
    st.subheader("Answer cache", anchor=False)
    asked = cache.hits + cache.misses
    rate = UNKNOWN if cache.hit_rate is None else f"{cache.hit_rate:.0%}"
    quiet = {"delta_color": "off", "delta_arrow": "off", "border": True}
    left, right = st.columns(2)
    left.metric("Answered from the cache", rate, f"{cache.hits:,} of {asked:,} since the engine started", **quiet)
    right.metric("On disk", _size(cache.disk_bytes), f"of at most {size(cache.limit_bytes)}", **quiet)
    st.caption(
        "What models answered is kept by model, precision, prompt and content, so that nothing is computed twice. "
        f"It lies in {code('cache/answers.sqlite')} of the data folder and is safe to delete: no result is lost, "
        "what is asked again is computed again."
    )
    if may and cache.disk_bytes:
        st.button("Empty the cache", key="empty_cache", on_click=attempt, args=(_empty, app))


def _empty(app: App) -> None:
    freed = app.engine_state.empty_cache()
    st.toast(f"The answer cache is empty; {size(freed)} are free. Answers in memory go with the engine process.")
