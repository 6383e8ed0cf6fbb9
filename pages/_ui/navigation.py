"""Which pages there are, for the sidebar and for a vote link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

HOME = "pages/home.py"
PLAYGROUND = "pages/playground.py"
BENCHMARK = "pages/benchmark.py"
ARENA = "pages/arena.py"
LEADERBOARD = "pages/leaderboard.py"
DECIDE = "pages/decide.py"
COLLECTIONS = "pages/collections.py"
SYSTEMS = "pages/systems.py"
STRATEGIES = "pages/strategies.py"
VOTES = "pages/votes.py"

VOTE_LINK = ("link", "vote")
_ONLY_VOTE = "only_vote"
_HEADINGS = {
    "Home": "Where do we stand?",
    "Benchmark": "How good on all queries, and is the difference real?",
    "Decide": "Which one for us?",
    "Runoff": "Arena",
}


def only_vote() -> bool:
    """Whether this session came by a vote link: it sees the arena and nothing that names a system."""
    name, value = VOTE_LINK
    if st.query_params.get(name) == value:
        st.session_state[_ONLY_VOTE] = True
    return bool(st.session_state.get(_ONLY_VOTE, False))


def pages() -> Mapping[str, Sequence[st.Page]]:
    """Every page in its section, for ``st.navigation``."""
    return {
        "Compare": [
            st.Page(HOME, title="Home", default=True),
            st.Page(PLAYGROUND, title="Playground"),
            st.Page(BENCHMARK, title="Benchmark"),
        ],
        "Vote": [st.Page(ARENA, title="Arena")],
        "Decide": [st.Page(LEADERBOARD, title="Leaderboard"), st.Page(DECIDE, title="Decide")],
        "Workbench": [
            st.Page(COLLECTIONS, title="Collections"),
            st.Page(SYSTEMS, title="Systems"),
            st.Page(STRATEGIES, title="Strategies"),
            st.Page(VOTES, title="Votes"),
        ],
    }


def navigate() -> st.Page:
    """Register the pages that this session may see and return the one to run."""
    if only_vote():
        entrance = st.Page(_to_arena, title="Runoff", default=True, visibility="hidden")
        return st.navigation([entrance, st.Page(ARENA, title="Arena")], position="hidden")
    return st.navigation(pages())


def heading(page: st.Page) -> str:
    """The title above a page: the question that it answers where the name in the sidebar is another."""
    return _HEADINGS.get(page.title, page.title)


def _to_arena() -> None:
    st.switch_page(ARENA, query_params=dict(st.query_params))
