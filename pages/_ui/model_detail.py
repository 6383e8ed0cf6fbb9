"""One model: what is known of it and from where, whether it can be loaded here, which strategies fit, download."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.catalog.checkpoints.checkpoint import Checkpoint, Sourced
from core.catalog.kinds import FORMATS
from core.domain.jobs import JobKind
from core.domain.models import GENERAL, ModelEntry, ModelKind
from core.services.model_checks import ModelCheck
from core.services.systems import ModelStatus
from pages._ui.errors import attempt, told
from pages._ui.escape import code, plain
from pages._ui.job_panel import find_job, follow, show_end
from pages._ui.model_listing import show_list
from pages._ui.precision_panel import precision_panel
from pages._ui.urlstate import asked, remember
from pages._ui.wording import UNKNOWN, ago, counted, size

_UNVERIFIED = "*unverified*"
_WITH_SETTINGS = (ModelKind.EMBEDDER, ModelKind.MULTI_VECTOR)  # kinds that need pooling, prefixes or markers stated


def show_models(app: App) -> None:
    """The list and, beside it, one model with what can be done with it."""
    listing, detail = st.columns([2, 3], gap="large")
    with listing:
        chosen = show_list(app)
        if chosen is None or chosen[0].checkpoint is not None:
            _nameless(app)
    if chosen is not None:
        with detail:
            _show(app, *chosen)
    st.caption(
        "Endpoints (OpenAI-compatible servers and /rerank services) are named by the operator in runoff.toml, "
        "see docs/configuration.md."
    )


def _nameless(app: App) -> None:
    """Checkpoints that are known of, but not where they lie."""
    titles = [known.title for known in app.catalog.checkpoints() if not (known.hub_id.verified and known.kind.verified)]
    if titles:
        st.caption(f"Not listed, since nobody could verify where they lie: {plain(', '.join(titles))}.")


def _show(app: App, status: ModelStatus, check: ModelCheck) -> None:
    entry = status.entry
    st.subheader(entry.title or entry.id, anchor=False)
    revision = f", revision {code(entry.revision[:12])}" if entry.revision else ""
    st.markdown(f"{code(entry.id)} from {code(entry.source)}{revision}")
    _standing(status, check)
    _look_up(app, status)
    _download(app, status)
    if status.registered:
        st.button(
            "Remove this model", key=f"remove-{entry.id}", on_click=attempt, args=(app.systems.unregister, entry.id)
        )
    st.markdown(_lines(_checkpoint_facts(status.checkpoint) if status.checkpoint else _entry_facts(entry)))
    if status.checkpoint is not None:
        st.caption("What nobody could read anywhere is shown as unverified; looking it up on the hub may fill it.")
    _strategies(app, entry)
    if status.checkpoint is None or status.availability.available:
        precision_panel(app, entry)


def _standing(status: ModelStatus, check: ModelCheck) -> None:
    if check.loads:
        st.caption(f"Can be loaded: {plain(status.availability.reason)}. {_memory(check)}")
    else:
        st.warning(f"Cannot be loaded: {plain('; '.join(check.reasons))}. {plain(check.how)}")
        if check.needed_bytes is not None:
            st.caption(_memory(check))
    if status.resolved is not None:
        st.caption(f"Looked up on the hub {ago(status.resolved.at)}, at {code(status.resolved.revision)}.")
    if check.differences:
        st.warning(f"The hub says otherwise. {plain('; '.join(check.differences))}.")


def _memory(check: ModelCheck) -> str:
    if check.needed_bytes is None:
        return ""
    free = "" if check.free_bytes is None else f"; {size(check.free_bytes)} of memory are free"
    return f"Weights {size(check.needed_bytes)} in {check.entry.precision}{free}."


def _look_up(app: App, status: ModelStatus) -> None:
    """A checkpoint without a commit can be looked up; with one, looked up again, which may move the commit."""
    if status.checkpoint is None or status.checkpoint.needs_code.value:
        return
    label = "Look up on the hub" if not status.entry.revision else "Look up again"
    st.button(
        label,
        key=f"look-up-{status.entry.id}",
        type="secondary" if status.entry.revision else "primary",
        help="Asks the hub for the newest commit, the size and the licence, and pins that commit here.",
        on_click=attempt,
        args=(_looked_up, app, status.entry.id),
    )


def _looked_up(app: App, id: str) -> None:
    for one in app.systems.look_up([id]):
        if one.error:
            st.error(plain(one.error))


def _download(app: App, status: ModelStatus) -> None:
    entry = status.entry
    job = find_job(app, asked("job"))
    if job is not None and job.kind is JobKind.FETCH and job.request == {"model": entry.id}:
        if not job.state.ended:
            follow(app, job)
            return
        show_end(job)
    facts = status.resolved.facts if status.resolved else None
    refused = status.checkpoint is not None and (
        status.checkpoint.needs_code.value or (facts is not None and not facts.safetensors)
    )
    if entry.source.startswith("hub:") and entry.revision and not status.availability.available and not refused:
        large = f" ({size(facts.download_bytes)})" if facts and facts.download_bytes else ""
        st.button(f"Download{large}", key=f"fetch-{entry.id}", type="primary", on_click=_fetch, args=(app, status))


def _fetch(app: App, status: ModelStatus) -> None:
    with told():
        remember("job", app.jobs.fetch(status.entry).id)


def _lines(facts: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}** {value}" for name, value in facts)


def _entry_facts(entry: ModelEntry) -> list[tuple[str, str]]:
    parameters = UNKNOWN if entry.parameters is None else f"{entry.parameters / 1e6:,.1f} million parameters"
    return [
        ("Kind", str(entry.kind)),
        ("Can", ", ".join(sorted(entry.capabilities))),
        ("Trained inputs", plain(_formats(entry.formats))),
        ("Size", parameters),
        ("Input limit", f"{entry.max_length:,} tokens"),
        ("Precision", entry.precision),
        ("Licence", plain(entry.licence or "not stated")),
        ("Languages", plain(", ".join(entry.languages) or "not stated")),
        ("Settings", plain(", ".join(f"{name} {value}" for name, value in entry.options) or "none")),
        ("Revision", code(entry.revision)),
    ]


def _checkpoint_facts(known: Checkpoint) -> list[tuple[str, str]]:
    """Every fact with a link to where it was read."""
    options = ", ".join(f"{name} {value!r}" for name, value in known.options.value or ())
    template = "none, any strategy that fits" if known.formats.value == () else _fact(known.template)
    found = [
        ("Kind", _fact(known.kind)),
        ("Trained inputs", _fact(known.formats, _formats(known.formats.value or ()))),
        ("Template written by", template),
        ("Size", _fact(known.size, f"{(known.size.value or 0) / 1e6:,.0f} million parameters")),
        ("Input limit", _fact(known.max_length, f"{known.max_length.value or 0:,} tokens")),
        ("Licence", _fact(known.licence)),
        ("Languages", _fact(known.languages, ", ".join(known.languages.value or ()))),
        ("Trained on", _fact(known.trained_on)),
        ("Needs its own program code", _fact(known.needs_code, "yes" if known.needs_code.value else "no")),
    ]
    if known.options.verified or known.kind.value in _WITH_SETTINGS:
        found.append(("Settings", _fact(known.options, options)))
    return found


def _fact(fact: Sourced[object], written: str | None = None) -> str:
    """The fact with its source; ``written``: in other words than its own."""
    if not fact.verified:
        return _UNVERIFIED
    source = f" ([source]({fact.source}))" if fact.source.startswith("https://") else f" ({plain(fact.source)})"
    return plain(str(fact.value) if written is None else written) + source


def _formats(formats: Sequence[str]) -> str:
    if not formats:
        return "no exact input of its own"
    return "; ".join("instructions in words as well" if one == GENERAL else FORMATS[one] for one in formats)


def _strategies(app: App, entry: ModelEntry) -> None:
    """Which strategies may use it, and why the others may not."""
    fits = app.systems.fitting(entry.id)
    fitting = [fit for fit in fits if not fit.reason]
    names = ", ".join(code(fit.strategy.name) for fit in fitting) or "none here"
    st.markdown(f"**Strategies that fit** {names}")
    others = [fit for fit in fits if fit.reason]
    if others:
        with st.expander(f"{counted(len(others), 'strategy does', 'strategies do')} not fit, with the reasons"):
            table = {
                "Strategy": [fit.strategy.title for fit in others],
                "Why not": [fit.reason for fit in others],
            }
            st.dataframe(table, hide_index=True, width="stretch")
