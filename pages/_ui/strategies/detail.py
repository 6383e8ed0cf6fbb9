"""One strategy: what it does, how it goes, what it costs, how sure we are, and where it fails."""

from __future__ import annotations

import re

import streamlit as st

from core.bootstrap import App
from core.services.strategies import Described
from core.strategies.about import Fidelity, Promise
from core.strategies.parameters import Parameter, format_value
from pages._ui.escape import code, plain
from pages._ui.navigation import PLAYGROUND
from pages._ui.strategies.cost_figure import cost_figure
from pages._ui.strategies.drawing import show_drawing
from pages._ui.theme import PLOT, ink
from pages._ui.wording import UNKNOWN, Table

BASELINE = "first-stage"
_BADGES = {
    Fidelity.REFERENCE: ("green", ":material/verified:"),
    Fidelity.PAPER: ("blue", ":material/article:"),
    Fidelity.OURS: ("orange", ":material/edit_note:"),
    Fidelity.NONE: ("gray", ":material/remove:"),
}
_PROMISES = {
    Promise.ORDER: "With a judge that is never wrong the whole order is right.",
    Promise.TOP: "With a judge that is never wrong the best k are right and in order.",
    Promise.NOTHING: "Even a judge that is never wrong does not guarantee the right order.",
}
_NUMBER = re.compile(r"arXiv:(\d{4}\.\d{4,5})|doi:(10\.\S+)")
_CITED = re.compile(r"\s*\(?(?:arXiv:\d{4}\.\d{4,5}|doi:10\.\S+?)\)?\s*$")


def show_strategy(app: App, described: Described) -> None:
    """Everything about it, the main action first."""
    info = described.info
    st.subheader(info.title, anchor=False)
    st.markdown(f"{code(info.name)} · {info.family} · version {info.version}")
    st.markdown(plain(info.about.summary or described.formula))
    _action(described)
    show_drawing(info.name)
    said, cost = st.columns(2, gap="large")
    with said:
        _points("Strengths", info.about.strengths)
        _points("Known failures", info.about.failures)
        _fidelity(described)
    with cost:
        _cost(app, described)
    _parameters(described)
    _models(app, described)


def _action(described: Described) -> None:
    if described.runs:
        specs = list(dict.fromkeys([BASELINE, described.spec]))
        st.page_link(
            PLAYGROUND,
            label="Try it in the Playground",
            icon=":material/play_arrow:",
            query_params={"system": specs},
        )
    else:
        how = f" {plain(described.how)}" if described.how else ""
        st.warning(f"Does not run here: it {plain(described.reason)}.{how}")


def _cost(app: App, described: Described) -> None:
    about = described.info.about
    st.markdown("**Cost**")
    estimate = "" if described.info.exact_forecast else " (an estimate)"
    st.markdown(f"Calls for N documents{estimate}: {plain(about.cost or UNKNOWN)}")
    st.markdown(f"Rounds that wait for one another: {plain(about.rounds or UNKNOWN)}")
    points = app.strategies.curve(described.info.name)
    if points[-1].calls:
        name = described.info.name
        st.plotly_chart(cost_figure(points, ink()), config=PLOT, key=f"cost_{name}", alt=f"Calls of {name} over N")
        st.caption(_largest(app, described))
    else:
        st.caption("It asks no model.")


def _largest(app: App, described: Described) -> str:
    last = app.strategies.curve(described.info.name)[-1]
    written = f" and writes at most {last.most_generated:,}" if last.most_generated else ""
    members = f" Counted for {described.spec}." if described.info.members else ""
    return (
        f"{last.n_docs} passages of 100 words: {last.calls:,} calls in {last.rounds:,} rounds; reads about "
        f"{last.prompt_tokens:,} tokens{written}.{members}"
    )


def _points(title: str, points: tuple[str, ...]) -> None:
    if points:
        st.markdown(f"**{title}**\n\n" + "\n".join(f"- {plain(point)}" for point in points))


def _fidelity(described: Described) -> None:
    about = described.info.about
    colour, icon = _BADGES[about.fidelity]
    st.markdown("**How sure we are**")
    st.badge(str(about.fidelity), color=colour, icon=icon)
    if about.fidelity_note:
        st.markdown(plain(about.fidelity_note))
    st.markdown(_PROMISES[about.promise])
    if described.formula:
        st.markdown(f"**Formula** {plain(described.formula)}")
    st.markdown(f"**Paper** {_paper(described.info.paper)}")


def _paper(paper: str) -> str:
    """The citation with a link to the paper."""
    if not paper:
        return "none"
    number = _NUMBER.search(paper)
    if number is None:
        return plain(paper)
    address = f"https://arxiv.org/abs/{number[1]}" if number[1] else f"https://doi.org/{number[2]}"
    return f"[{plain(_CITED.sub('', paper).rstrip(', ') or paper)}, {plain(number[0])}]({address})"


def _parameters(described: Described) -> None:
    if not described.parameters:
        return
    st.markdown("**Parameters**")
    st.dataframe(parameter_table(described.parameters), hide_index=True, width="stretch")


def parameter_table(parameters: tuple[Parameter, ...]) -> Table:
    """One line per parameter."""
    return {
        "Parameter": [parameter.name for parameter in parameters],
        "Default": [format_value(parameter.default) for parameter in parameters],
        "May be": [parameter.allowed for parameter in parameters],
        "What it does": [parameter.help for parameter in parameters],
    }


def _models(app: App, described: Described) -> None:
    for slot, needs in described.info.slots:
        fitting = app.strategies.candidates(described.info.name, slot)
        ready = [one for one in fitting if not one.reason]
        label = "Models" if len(described.info.slots) == 1 else f"Models for {slot}"
        trained = f", trained on the input format {code(needs.format)}" if needs.format else ""
        ways = "".join(
            f", or {', '.join(map(code, sorted(mode.needs)))} with {code(f'{mode.parameter}={mode.value}')}"
            for mode in needs.modes
        )
        st.markdown(f"**{label}** Needs {', '.join(map(code, sorted(needs.needs)))}{ways}{trained}.")
        with st.expander(f"{len(ready)} ready here, {len(fitting) - len(ready)} not, with the reasons"):
            st.dataframe(
                {
                    "Model": [one.model.id for one in fitting],
                    "Ready": ["yes" if not one.reason else "no" for one in fitting],
                    "Why not": [one.reason for one in fitting],
                    "What to do": [one.how for one in fitting],
                },
                hide_index=True,
                width="stretch",
            )
