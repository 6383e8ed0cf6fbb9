"""Building a system from a form: a strategy, the models that fit it, its parameters with their defaults and ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.documents import CandidateList
from core.domain.errors import RunoffError
from core.services.strategies import Candidate, Described, example_members
from core.strategies.notation import Spec, format_spec, parse
from core.strategies.parameters import Parameter, format_value
from pages._ui import errors
from pages._ui.escape import plain
from pages._ui.prediction_line import call_words, total_words

_KEY, _OPEN = "build", "build_is_open"
Chosen = Callable[[str], None]


def build_button(app: App, candidates: CandidateList | None, known: Sequence[str], chosen: Chosen) -> None:
    """A button that opens the form. ``known``: systems that may be members; ``chosen``: is told the specification."""
    st.button(
        "Build a system",
        icon=":material/add:",
        key=f"{_KEY}_open",
        on_click=_open,
        args=(True,),
        help="Choose a strategy, a model that fits it, and parameters.",
    )
    if st.session_state.get(_OPEN):  # kept, because a page that redraws itself would close it
        _dialog(app, candidates, tuple(known), chosen)


def _open(now: bool) -> None:
    st.session_state[_OPEN] = now


def _close() -> None:
    _open(False)


@st.dialog("Build a system", width="medium", on_dismiss=_close)
def _dialog(app: App, candidates: CandidateList | None, known: Sequence[str], chosen: Chosen) -> None:
    by_name = {described.info.name: described for described in app.strategies.all()}
    names = sorted(by_name, key=lambda name: not by_name[name].runs)
    name = st.selectbox(
        "Strategy", names, format_func=lambda one: _title(by_name[one]), key=f"{_KEY}_strategy", filter_mode="contains"
    )
    described = by_name[name]
    if described.info.about.summary:
        st.caption(plain(described.info.about.summary))
    if not described.runs:
        how = f" {plain(described.how)}" if described.how else ""
        st.warning(f"Does not run here: it {plain(described.reason)}.{how}")
        return
    models = [(slot, _model(app, described, slot)) for slot, _ in described.info.slots]
    members = _members(described, known)
    forced = app.strategies.settings(name, dict(models))
    parameters = [
        (parameter.name, forced.get(parameter.name) or _parameter(name, parameter))
        for parameter in described.parameters
    ]
    _offer(app, described, models, members, parameters, candidates, chosen)


def _offer(
    app: App,
    described: Described,
    models: Sequence[tuple[str, str]],
    members: Sequence[str],
    parameters: Sequence[tuple[str, str]],
    candidates: CandidateList | None,
    chosen: Chosen,
) -> None:
    """What was built, what it will cost, and the button that takes it."""
    named = models if len(models) > 1 else [("", model) for _, model in models]
    try:
        written = Spec(
            strategy=described.info.name,
            models=tuple(named),
            parameters=tuple(parameters),
            members=tuple(parse(member) for member in members),
        )
        system = app.systems.resolve(format_spec(written))
    except RunoffError as error:
        errors.show(error)
        return
    st.code(system.spec, language=None, wrap_lines=True)
    if candidates is not None:
        predicted = app.predictions.predict(system, candidates)
        st.caption(f"On this list: {call_words(predicted)}. {total_words([predicted])}")
    if st.button("Add this system", type="primary", key=f"{_KEY}_add"):
        chosen(system.spec)
        _close()
        st.rerun()


def _title(described: Described) -> str:
    away = "" if described.runs else " (not here)"
    return f"{described.info.title}: {described.info.family}{away}"


def _model(app: App, described: Described, slot: str) -> str:
    """The model for a slot: only those that fit and run can be chosen, the others are told with the reason."""
    fitting = app.strategies.candidates(described.info.name, slot)
    ready = [one.model.id for one in fitting if not one.reason]
    default = dict(described.info.slots)[slot].default
    label = "Model" if len(described.info.slots) == 1 else f"Model for {slot}"
    picked = st.selectbox(
        label,
        ready,
        index=ready.index(default) if default in ready else 0,
        key=f"{_KEY}_{described.info.name}_model_{slot}",
    )
    _others([one for one in fitting if one.reason])
    return str(picked)


def _others(rest: Sequence[Candidate]) -> None:
    if rest:
        with st.expander(f"Why not the other {len(rest)}"):
            st.dataframe(
                {"Model": [one.model.id for one in rest], "Why not": [one.reason for one in rest]},
                hide_index=True,
                width="stretch",
            )


def _members(described: Described, known: Sequence[str]) -> list[str]:
    if not described.info.members:
        return []
    first = list(example_members(described.info))
    return list(
        st.multiselect(
            "Systems it combines",
            list(dict.fromkeys([*first, *known])),
            default=first,
            max_selections=described.info.most_members,
            accept_new_options=True,
            key=f"{_KEY}_{described.info.name}_members",
            help="Choose, or type a specification and press Enter.",
        )
    )


def _parameter(strategy: str, parameter: Parameter) -> str:
    """A widget of the parameter's kind, with the paper's default; its value as text."""
    key = f"{_KEY}_{strategy}_{parameter.name}"
    label = f"**{parameter.name.replace('_', ' ')}** {plain(parameter.help)}"
    help = f"{parameter.allowed[0].upper()}{parameter.allowed[1:]}; usually {format_value(parameter.default)}."
    if parameter.kind is bool:
        return format_value(st.toggle(label, value=bool(parameter.default), key=key, help=help))
    if parameter.choices:
        place = parameter.choices.index(str(parameter.default))
        return str(st.selectbox(label, parameter.choices, index=place, key=key, help=help))
    if parameter.kind is str:
        return st.text_input(label, value=str(parameter.default), key=key, help=help)
    number = parameter.kind
    value = st.number_input(
        label,
        min_value=None if parameter.minimum is None else number(parameter.minimum),
        max_value=None if parameter.maximum is None else number(parameter.maximum),
        value=number(parameter.default),
        step=1 if number is int else None,
        key=key,
        help=help,
    )
    return format_value(value)
