"""On what rankings were made and times were taken: in two words in tables, in full below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.bootstrap import App
from core.domain.machines import short_machines, told_apart
from pages._ui.escape import code, plain

COLUMN = "Ran on"
MANY = 3  # lines that stand open


def column() -> ColumnConfig:
    """Of a table with this column."""
    return st.column_config.TextColumn(help="Device and precision of the models that ranked; in full below the table.")


def cells(machines: Sequence[Iterable[str]]) -> list[str]:
    """One cell per system: ``CPU fp32``."""
    return [short_machines(lines) for lines in machines]


def machines_said(machines: Iterable[str], what: str = "Ran on") -> str:
    """One sentence with every line in full, in Markdown; empty where none is known."""
    told = told_apart(machines)
    return f"{what} {plain('; '.join(told))}." if told else ""


def precisions(app: App, specs: Sequence[str]) -> None:
    """A line for each of these systems that runs in a lower precision than fp32."""
    notes = app.precision.notes(specs)
    many = len(notes) > MANY
    with st.expander(f"{len(notes)} systems run in a lower precision than fp32") if many else st.container():
        for spec, said in notes.items():
            st.caption(f":material/info: {code(spec)}: {plain(said)}.")
