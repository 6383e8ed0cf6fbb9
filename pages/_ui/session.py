"""The application object, one per server process, made on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.acting import actor

if TYPE_CHECKING:
    from core.bootstrap import App


@st.cache_resource(max_entries=1, show_spinner=False)
def _opened() -> App:
    from core import bootstrap  # here, so that the page's frame is drawn before SQLAlchemy is imported

    return bootstrap.open_app()


def app() -> App:
    """Services as whoever sits here may use them; the first call of the process opens everything."""
    opened = _opened()
    return opened.seen_by(actor(opened))
