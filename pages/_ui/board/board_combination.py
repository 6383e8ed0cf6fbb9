"""Several boards and measures as one order, by Borda and by Kemeny, never by averaging their scales."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.board.board_views import Combined
from core.services.board.boards import Board
from pages._ui.board.board_top import first_of
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import Row, forest
from pages._ui.colours import colour
from pages._ui.escape import plain
from pages._ui.theme import PLOT
from pages._ui.urlstate import remember
from pages._ui.wording import UNKNOWN, Table

KEY = "choice_orders"


def combination(app: App, board: Board) -> None:
    """Choose orders, see the one that they make."""
    st.subheader("Several orders as one", anchor=False)
    offered = {one.key: one.title for one in app.leaderboard.combinable(board.request)}
    if KEY not in st.session_state or not set(st.session_state[KEY]) <= set(offered):
        asked = [key for key in st.query_params.get_all("orders") if key in offered]
        kinds = [key for key in offered if not key.startswith("category:")]
        st.session_state[KEY] = asked or (kinds if len(kinds) > 1 else list(offered))
    chosen = st.multiselect("Orders", list(offered), key=KEY, format_func=offered.__getitem__)
    remember("orders", chosen)
    found = app.leaderboard.combination(board.request, chosen)
    st.markdown(plain(found.sentence))
    for why in found.left_out:
        st.caption(plain(why))
    if found.borda:
        drawn(found)


def drawn(found: Combined) -> None:
    """Borda's scores, and every order beside Kemeny's."""
    rows = [
        Row(
            name=system,
            value=score,
            low=None,
            high=None,
            colour=colour(system),
            hover=(system, f"ahead of {score:.0%} of the others, on average"),
        )
        for system, score in first_of(found.borda)
    ]
    figure = forest(rows, title="Borda: mean share of the other systems that it is ahead of", middle=0.5)
    figure.update_xaxes(tickformat=".0%", range=[-0.03, 1.03])
    st.plotly_chart(figure, config=PLOT, key="borda", alt="Borda scores")
    table = order_table(found)
    st.dataframe(table, hide_index=True, width="stretch", placeholder=UNKNOWN)
    proven = "no order turns round fewer" if found.optimal else "found by search, perhaps not the fewest"
    explained(
        "Ranks in each order, and in Kemeny's, which turns round the fewest pairs of all orders together "
        f"({found.disagreements:,} of {found.judged:,}; {proven}). Orders say nothing of how sure they are: look at "
        "each board for that.",
        table,
        "combined orders",
    )


def order_table(found: Combined) -> Table:
    """Systems in Kemeny's order, and their ranks in each order."""
    columns: Table = {
        "System": list(found.kemeny),
        "Kemeny": list(range(1, len(found.kemeny) + 1)),
        "Borda": [round(dict(found.borda)[system], 3) for system in found.kemeny],
    }
    for order in found.orders:
        ranks: dict[str, int] = {}
        place = 1
        for level in order.levels:
            ranks |= dict.fromkeys(level, place)
            place += len(level)
        columns[order.title] = [ranks.get(system) for system in found.kemeny]
    return columns
