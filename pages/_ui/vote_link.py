"""A link that opens the arena alone, for voters who must not look up which system is which."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages._ui.navigation import VOTE_LINK


def show_vote_link(collection: str, category: str) -> None:
    """The address, ready to be copied."""
    st.caption("Vote link: opens the arena alone, without the pages that name systems.")
    st.code(vote_link(st.context.url or "", collection, category), language=None, wrap_lines=True)


def vote_link(page: str, collection: str, category: str) -> str:
    """The address that belongs to the server of ``page``."""
    parts = urlsplit(page)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    values = dict([VOTE_LINK, ("collection", collection)])
    if category:
        values["category"] = category
    return f"{origin}/arena?{urlencode(values)}"
