"""The stored trace of a real run as a drawing: which documents met, and in which order."""

from __future__ import annotations

import streamlit as st


def show_drawing(name: str) -> None:
    """The drawing of a strategy, or a line that says that there is none yet."""
    st.markdown("**How it goes**")
    st.caption(f"No run of {name} is stored.")
