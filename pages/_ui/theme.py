"""What charts need to know of the theme."""

from __future__ import annotations

import streamlit as st

PLOT = {"displayModeBar": False}
_INK = {"light": "#1b2430", "dark": "#e4e8ee"}


def ink() -> str:
    """The colour of text on the current ground."""
    return _INK.get(st.context.theme.type or "light", _INK["light"])
