"""A link that opens the arena alone, for voters who must not look up which system is which."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages._ui.navigation import VOTE_LINK

FORM = "form"
GROUP = "group"
GROUP_LENGTH = 80


def show_vote_link(collection: str, category: str, form: str = "") -> None:
    """The address, ready to be copied; the group that is typed here goes with the votes of those who follow it."""
    st.caption("Vote link: opens the arena alone, without the pages that name systems.")
    group = st.text_input(
        "Group of its voters (if you like)", max_chars=GROUP_LENGTH, key="link_group", placeholder="support team"
    )
    link = vote_link(st.context.url or "", collection, category, form=form, group=group.strip())
    st.code(link, language=None, wrap_lines=True)


def vote_link(page: str, collection: str, category: str, *, form: str = "", group: str = "") -> str:
    """The address that belongs to the server of ``page``."""
    parts = urlsplit(page)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    wished = {"category": category, FORM: form, GROUP: group}
    values = dict([VOTE_LINK, ("collection", collection)]) | {name: value for name, value in wished.items() if value}
    return f"{origin}/arena?{urlencode(values)}"
