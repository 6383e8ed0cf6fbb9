"""How much hangs on few votes and few voters: raw beside capped, without each voter, the fewest votes."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.board.board_views import Beside, Robustness
from core.services.board.boards import Board
from pages._ui.board.board_top import first_of
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import Row, forest
from pages._ui.colours import colour
from pages._ui.escape import plain
from pages._ui.theme import PLOT
from pages._ui.wording import Table, counted


def robustness(app: App, board: Board) -> None:
    """Sentences first, then raw beside capped, then the voters that matter most."""
    st.subheader("How robust is this?", anchor=False)
    with st.spinner("Leaving out every voter once ..."):
        found = app.leaderboard.robustness(board.request)
    if not found.systems:
        st.markdown("There is no common scale yet whose robustness could be told.")
        return
    st.markdown(f"- {plain(found.deciding)}\n- {plain(found.fragile)}\n- {_capped(found)}")
    beside(board, found)
    if found.voters:
        voters(found)


def _capped(found: Robustness) -> str:
    if found.cap is None:
        return f"{plain(found.no_cap)} The range without any one voter stands instead."
    if not found.capped_voters:
        return f"No voter weighs more than {found.cap:.0%}, so the capped board is the raw one."
    touched = counted(found.capped_voters, "voter")
    return f"The capped board gives no voter more than {found.cap:.0%}; that touches {touched}."


def beside(board: Board, found: Robustness) -> None:
    """Raw, capped and the range without any one voter, in one plot."""
    specs = {entry.name: entry.systems[0] for entry in board.entries}
    figure = forest(
        [_row(one, colour(specs[one.system])) for one in first_of(found.systems)],
        title="rating, 95 % interval",
        middle=1000.0,
    )
    st.plotly_chart(figure, config=PLOT, key="beside", alt="Raw beside capped ratings")
    capped = "Hollow dots below: with heavy voters capped. " if found.cap is not None else ""
    explained(
        f"Full dots: every vote at full weight. {capped}Grey bands: the range of the rating when any one voter is left "
        "out. Bradley-Terry, whatever method is chosen above.",
        beside_table(found),
        "raw and capped",
    )


def _row(one: Beside, stroke: str) -> Row:
    raw = one.raw or 0.0
    lines = [one.system, f"raw {raw:.0f}"]
    if one.capped is not None:
        lines.append(f"capped {one.capped:.0f}")
    span = None
    if one.without_low is not None and one.without_high is not None:
        span = (one.without_low, one.without_high)
        lines.append(f"without any one voter {one.without_low:.0f} to {one.without_high:.0f}")
    return Row(
        name=one.system,
        value=raw,
        low=one.raw_low,
        high=one.raw_high,
        colour=stroke,
        hover=tuple(lines),
        faint=None if one.capped is None else (one.capped, one.capped_low, one.capped_high),
        span=span,
    )


def beside_table(found: Robustness) -> Table:
    """A row for each system."""
    return {
        "System": [one.system for one in found.systems],
        "Raw": [one.raw for one in found.systems],
        "Raw low": [one.raw_low for one in found.systems],
        "Raw high": [one.raw_high for one in found.systems],
        "Capped": [one.capped for one in found.systems],
        "Capped low": [one.capped_low for one in found.systems],
        "Capped high": [one.capped_high for one in found.systems],
        "Without one voter, low": [one.without_low for one in found.systems],
        "Without one voter, high": [one.without_high for one in found.systems],
    }


def voters(found: Robustness) -> None:
    """Those whose absence moves a rating most."""
    st.subheader("Voters that matter most", anchor=False)
    table: Table = {
        "Voter": [one.voter for one in found.voters],
        "Comparisons": [one.votes for one in found.voters],
        "Share": [round(one.share, 4) for one in found.voters],
        "Moves most": [one.system for one in found.voters],
        "By points": [round(one.moved, 1) for one in found.voters],
        "First without": [one.leader for one in found.voters],
    }
    config = {"Share": st.column_config.NumberColumn(format="percent")}
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)
    explained(
        "What changes when this voter's votes are left out: the system whose rating moves most, by how many points, "
        "and who would be first.",
        table,
        "voters that matter",
    )
