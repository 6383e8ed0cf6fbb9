"""Who votes: an anonymous id, nothing else, and nothing is asked for.

The browser keeps a secret in a cookie; the voter's id is a digest of it. Ids stand in exports of votes, so an id must
not be enough to vote as that person. A cookie that this session sets is read by the next one; in between the secret
is in the session's state.
"""

from __future__ import annotations

import hashlib
import re
import uuid

import streamlit as st

from pages._ui.files import asset

COOKIE = "runoff_voter"
_SHAPE = re.compile(r"[0-9a-f]{32}")
_SECRET = "voter_secret"

_component = st.components.v2.component("runoff_cookie", js=asset("cookie.js"))


def voter_id() -> str:
    """The id of whoever sits at this browser."""
    if "voter" not in st.session_state:
        st.session_state["voter"] = id_of(_secret())
    return str(st.session_state["voter"])


def keep_voter() -> None:
    """Put the secret into the cookie where it is not there yet. Called last on a page; it draws nothing."""
    secret = _secret()
    if st.context.cookies.get(COOKIE, "") != secret:
        _component(data={"name": COOKIE, "value": secret}, key="voter_cookie", height=1)


def id_of(secret: str) -> str:
    """32 hexadecimal digits that belong to the cookie ``secret`` and do not lead back to it."""
    return hashlib.sha256(f"runoff voter {secret}".encode()).hexdigest()[:32]


def _secret() -> str:
    if _SECRET not in st.session_state:
        known = st.context.cookies.get(COOKIE, "")
        st.session_state[_SECRET] = known if _SHAPE.fullmatch(known) else uuid.uuid4().hex
    return str(st.session_state[_SECRET])
