"""The winner, or any other system, as code to copy."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.choosing.choice import Choice
from pages._ui.decide.options_table import codable
from pages._ui.urlstate import begin, settle

HEIGHT = 460


def code_panel(app: App, choice: Choice) -> None:
    """A choice of system and its module."""
    options = {option.spec: option for option in codable(choice)}
    st.subheader("Code to copy into your pipeline", anchor=False)
    specs = list(options)
    spec = st.selectbox(
        "System",
        specs,
        key=begin("code", specs, specs[0]),
        format_func=lambda spec: f"{options[spec].name}{' (recommended)' if options[spec].recommended else ''}",
    )
    settle("code", "" if spec == specs[0] else spec)
    made = app.chooser.snippet(spec, choice.plan)
    if not made.standalone:
        st.info(made.notes[0])
    st.code(made.text, language="python", height=min(HEIGHT, 60 + 21 * made.text.count("\n")))
