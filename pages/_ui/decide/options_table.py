"""Every system with its costs, where it stands and why."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.machines import short_machine
from core.services.choosing.choice import Choice, Option, State
from pages._ui import ran_on
from pages._ui.board.chart_data import explained
from pages._ui.charts import interval
from pages._ui.decide.wording import state_said
from pages._ui.escape import plain
from pages._ui.navigation import BENCHMARK
from pages._ui.wording import UNKNOWN, Table


def options_table(app: App, choice: Choice) -> None:
    """The table, and below it on what the times were taken."""
    st.dataframe(
        table_of(choice),
        hide_index=True,
        width="stretch",
        placeholder=UNKNOWN,
        column_config={
            "#": st.column_config.NumberColumn(width=40, pinned=True),
            "System": st.column_config.TextColumn(pinned=True, width=190),
            choice.measure: st.column_config.TextColumn(alignment="right"),
            "p95 ms": st.column_config.NumberColumn(format="localized", help="95th percentile of the latency probe."),
            "Memory MB": st.column_config.NumberColumn(format="localized", help="All models of the system."),
            price_column(choice): st.column_config.NumberColumn(
                format="%.4g", help="1,000 queries: machine time by the mean latency, and what endpoints charge."
            ),
            ran_on.COLUMN: ran_on.column(),
            "Why not": st.column_config.TextColumn(width="large"),
        },
    )
    machines = {option.cost.machine for option in choice.options if option.cost.machine}
    if len(machines) == 1:  # several are in the notes of the answer
        st.caption(ran_on.machines_said(machines, "Timed on"))
    ran_on.precisions(app, [option.spec for option in choice.options])


def price_column(choice: Choice) -> str:
    """Its heading."""
    return f"{choice.currency} / 1,000"


def table_of(choice: Choice) -> Table:
    """A line per option, best first."""
    options = choice.options
    return {
        "#": list(range(1, len(options) + 1)),
        "System": [option.name for option in options],
        choice.measure: [interval(o.quality.mean, o.quality.low, o.quality.high, 3) for o in options],
        "p95 ms": [_short(option.cost.p95_ms) for option in options],
        "Memory MB": [
            None if option.cost.memory_bytes is None else round(option.cost.memory_bytes / 1e6) for option in options
        ],
        price_column(choice): [option.cost.price for option in options],
        ran_on.COLUMN: [short_machine(option.cost.machine) for option in options],
        "State": [state_said(option) for option in options],
        "Why not": ["; ".join(reason.text for reason in option.reasons) for option in options],
    }


def to_do(choice: Choice) -> None:
    """What would make known what is not, each thing once, with the systems that wait for it."""
    waiting: dict[str, list[str]] = {}
    for option in (one for one in choice.options if one.state is State.UNKNOWN):
        for todo in dict.fromkeys(reason.todo for reason in option.reasons if reason.unknown and reason.todo):
            waiting.setdefault(todo, []).append(option.name)
    if not waiting:
        return
    st.markdown("**What is not known**")
    for todo, names in waiting.items():
        st.markdown(f"- {plain(todo)} :small[{plain(', '.join(names))}]")
    st.page_link(BENCHMARK, label="Open the benchmark", query_params={"plan": choice.plan.id})


def explain(choice: Choice) -> None:
    """How to read the chart, and its data."""
    hidden = [option.name for option in choice.options if option.cost.on(choice.limits.axis) is None]
    apart = f" Not drawn, since this cost is not known: {plain(', '.join(hidden))}." if hidden else ""
    explained(
        "Numbers are those of the table. Up is better, left is cheaper; bars are 95 % intervals. "
        "Coloured: within the limits; ring: cannot be told apart from the best of these; "
        "diamond: recommended; grey: outside or not known. The line is the front: nothing is better for less."
        f"{apart}",
        table_of(choice),
        f"decision {choice.plan.name}",
    )


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 2 if value < 10 else 0)


def codable(choice: Choice) -> list[Option]:
    """Systems whose code is offered: the recommended first, then those alike, then the others."""
    return sorted(choice.options, key=lambda option: (not option.recommended, not option.alike))
