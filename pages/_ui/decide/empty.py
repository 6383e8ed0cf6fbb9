"""What to do where there is nothing to decide on yet."""

from __future__ import annotations

import streamlit as st

from core.domain.collections import Collection
from core.services.choosing.choice import Choice
from pages._ui.escape import code
from pages._ui.navigation import ARENA, BENCHMARK, LEADERBOARD


def nothing_measured(collection: Collection) -> None:
    """The collection has no benchmark."""
    st.markdown("## Nothing is measured on this collection yet")
    st.markdown(
        f"A decision needs a benchmark: it ranks the queries of {code(collection.name)} with the systems that you "
        "name, measures quality and latency, and keeps everything that is finished."
    )
    st.page_link(
        BENCHMARK, label="Plan a benchmark", icon=":material/table_chart:", query_params={"collection": collection.name}
    )


def nothing_to_choose(collection: Collection, choice: Choice) -> None:
    """There is a benchmark, but no system has quality and cost yet."""
    if collection.judgments:
        st.markdown("Quality and cost appear here as systems become complete.")
        st.page_link(BENCHMARK, label="Open the benchmark", query_params={"plan": choice.plan.id})
        return
    st.markdown("Cost alone decides nothing. Either of these says which order is better:")
    st.page_link(ARENA, label="Vote in the arena", query_params={"collection": collection.name})
    st.page_link(LEADERBOARD, label="Read the leaderboard", query_params={"collection": collection.name})
