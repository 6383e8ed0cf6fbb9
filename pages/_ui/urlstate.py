"""Choices that live in the URL, so that a link shows a colleague the same page.

The URL wins when a page is entered; from then on the widget does, and the URL follows it. A value that is not
among the options (an old link, another installation) gives way to the fallback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

_KEPT = "kept_choices"
_PAGE, _BEGUN = "page_entered", "widgets_begun"


def enter_page(title: str) -> None:
    """Called by the shell in every run. On another page than before the URL wins again: what a widget of the same key
    held on the page that was left is still there in this run, but not in the new widget."""
    if st.session_state.get(_PAGE) != title:
        st.session_state[_PAGE] = title
        st.session_state[_BEGUN] = ()


def kept(name: str) -> list[str]:
    """What was last chosen for ``name`` on any page of this session."""
    return list(st.session_state.get(_KEPT, {}).get(name, []))


def keep_choice(name: str, values: Sequence[str]) -> None:
    """Let the choice follow the person to other pages of this session and back."""
    st.session_state[_KEPT] = {**st.session_state.get(_KEPT, {}), name: list(values)}


def asked(name: str) -> str:
    """What the URL says of ``name``, or nothing."""
    return st.query_params.get(name, "")


def remember(name: str, value: str | Sequence[str]) -> None:
    """Write ``value`` into the URL; an empty one leaves it."""
    listed = [value] if isinstance(value, str) else list(value)
    listed = [item for item in listed if item]
    if listed == st.query_params.get_all(name):
        return
    if listed:
        st.query_params[name] = listed
    else:
        st.query_params.pop(name, None)


def begin(name: str, options: Sequence[str], fallback: str, *, keep: bool = False) -> str:
    """Give the widget ``name`` its first value and return its key.

    ``keep``: the choice also follows the person to other pages of this session (a collection).
    """
    key = f"choice_{name}"
    begun = st.session_state.get(_BEGUN, ())
    if key not in begun or st.session_state.get(key) not in options:
        st.session_state[_BEGUN] = (*begun, key)
        wanted = asked(name) or (next(iter(kept(name)), "") if keep else "")
        st.session_state[key] = wanted if wanted in options else fallback
    return key


def put(name: str, value: str) -> None:
    """Change a choice from a callback; where its widget is on the page, that follows."""
    st.session_state[f"choice_{name}"] = value
    remember(name, value)


def settle(name: str, value: str, *, keep: bool = False) -> str:
    """After the widget ran: the URL, and with ``keep`` the session, follow its value."""
    remember(name, value)
    if keep:
        keep_choice(name, [value])
    return value


def choose(
    label: str,
    options: Sequence[str],
    *,
    name: str,
    shown: Callable[[str], str] = str,
    keep: bool = False,
    help: str | None = None,
) -> str:
    """A select box whose value is in the URL as ``name``; the first option is the fallback."""
    key = begin(name, options, options[0], keep=keep)
    value = st.selectbox(label, options, key=key, format_func=shown, help=help)
    return settle(name, value, keep=keep)


def switch(
    label: str, options: Sequence[str], *, name: str, shown: Callable[[str], str] = str, keep: bool = False
) -> str:
    """A row of alternatives, one of which is taken, in the URL as ``name`` unless it is the first."""
    key = begin(name, options, options[0], keep=keep)
    value = st.segmented_control(
        label, options, key=key, format_func=shown, required=True, label_visibility="collapsed"
    )
    remember(name, "" if value in (None, options[0]) else value)
    if keep:
        keep_choice(name, [value or options[0]])
    return value or options[0]
