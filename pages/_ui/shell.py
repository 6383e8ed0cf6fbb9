"""What surrounds every page: configuration, navigation, title."""

from __future__ import annotations

import streamlit as st

from pages._ui.files import ICON
from pages._ui.navigation import heading, navigate
from pages._ui.urlstate import enter_page


def draw_shell() -> st.Page:
    """Draw it and return the page that belongs into it.

    The title is on the screen before the page imports the services that it needs.
    """
    st.set_page_config(page_title="Runoff", page_icon=str(ICON), layout="wide")
    page = navigate()
    enter_page(page.title)
    st.title(heading(page), anchor=False)
    return page
