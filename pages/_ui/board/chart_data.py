"""The data of a chart to take along, as CSV that a spreadsheet will not run, and how to read the chart."""

from __future__ import annotations

import csv
import io
import re

import streamlit as st

from core.datasets.votes.formulas import guarded
from pages._ui.wording import Table


def csv_of(table: Table) -> str:
    """A header and a line for each row; texts guarded, nothing where there is no figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([guarded(name) for name in table])
    for row in zip(*table.values(), strict=True):
        writer.writerow(["" if cell is None else guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def explained(how: str, table: Table, name: str) -> None:
    """Below a chart: ``how`` to read it, and its data under ``name``.csv."""
    st.caption(how)
    st.download_button(
        "Data as CSV",
        csv_of(table),
        file_name=f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-').lower()}.csv",
        mime="text/csv",
        key=f"data_{name}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )
