"""Who votes: an anonymous id in a cookie of the browser, nothing else, and nothing is asked for.

A cookie that this session sets is read by the next one; in between the id is in the session's state.
"""

from __future__ import annotations

import re
import uuid

import streamlit as st

from pages._ui.files import asset

COOKIE = "runoff_voter"
_SHAPE = re.compile(r"[0-9a-f]{32}")

_component = st.components.v2.component("runoff_cookie", js=asset("cookie.js"))


def voter_id() -> str:
    """The id of whoever sits at this browser."""
    if "voter" not in st.session_state:
        known = st.context.cookies.get(COOKIE, "")
        st.session_state["voter"] = known if _SHAPE.fullmatch(known) else uuid.uuid4().hex
    return str(st.session_state["voter"])


def keep_voter() -> None:
    """Put the id into the cookie where it is not there yet. Called last on a page; it draws nothing."""
    if st.context.cookies.get(COOKIE, "") != voter_id():
        _component(data={"name": COOKIE, "value": voter_id()}, key="voter_cookie", height=1)
