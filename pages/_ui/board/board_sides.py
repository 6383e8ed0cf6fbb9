"""What besides the systems sways votes: the side, the length of what is shown, the first stage's order."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.services.board.board_views import Switched
from core.services.board.boards import Board, Effect, Side
from pages._ui.board.board_top import first_of
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import Row, forest
from pages._ui.colours import colour
from pages._ui.escape import plain
from pages._ui.theme import PLOT
from pages._ui.wording import Table, counted

SIDE_COLOUR = "#3b7dd8"


def sides(app: App, board: Board) -> None:
    """Side bias, and covariates with their effects."""
    st.subheader("Does the left side win more often?", anchor=False)
    if board.side is None:
        st.markdown("No side-by-side vote has a winner yet.")
    else:
        bias(board.side)
    st.subheader("What else sways votes", anchor=False)
    if not board.request.covariates:
        st.markdown("Switch covariates on under Filter and method: they are fitted beside the ratings.")
        return
    for effect in board.effects:
        st.markdown(f"- {plain(effect.sentence)}")
    if board.effects:
        effects(board.effects)
    switched(board, app.leaderboard.switched(board.request))


def bias(side: Side) -> None:
    """The share of left wins against a half."""
    doubt = "may be none" if side.low <= 0.5 <= side.high else "is more than chance"
    st.markdown(
        f"The left side won **{side.share:.1%}** ({side.low:.1%} to {side.high:.1%}) of "
        f"{counted(side.decided, 'decided vote')}: the bias {doubt}."
    )
    row = Row(
        name="left side wins",
        value=side.share,
        low=side.low,
        high=side.high,
        colour=SIDE_COLOUR,
        hover=(f"{side.share:.1%} of {side.decided:,}",),
    )
    figure = forest([row], title="share of decided votes", middle=0.5)
    figure.update_xaxes(tickformat=".0%", range=[min(0.35, side.low - 0.03), max(0.65, side.high + 0.03)])
    st.plotly_chart(figure, config=PLOT, key="side", alt="Share of votes won by the left side with its interval")
    explained(
        "Sides are drawn at random, so without a habit of the voters the bar covers 50 %. Ratings stay right either "
        "way, only less sharp.",
        {"Left wins": [side.share], "Low": [side.low], "High": [side.high], "Decided votes": [side.decided]},
        "side bias",
    )


def effects(found: tuple[Effect, ...]) -> None:
    """Effects with intervals against nothing."""
    rows = [
        Row(
            name=effect.name,
            value=effect.points,
            low=effect.low,
            high=effect.high,
            colour=SIDE_COLOUR,
            hover=(effect.sentence,),
        )
        for effect in found
    ]
    figure = forest(rows, title="rating points for one unit, 95 % interval", middle=0.0)
    st.plotly_chart(figure, config=PLOT, key="effects", alt="Effects of the covariates with their intervals")
    table: Table = {
        "Covariate": [effect.name for effect in found],
        "Points": [effect.points for effect in found],
        "Low": [effect.low for effect in found],
        "High": [effect.high for effect in found],
    }
    explained("An interval that covers 0 means that the effect may be none.", table, "effects")


def switched(board: Board, found: tuple[Switched, ...]) -> None:
    """Ratings with the covariates, and without them as hollow dots."""
    if not found:
        return
    specs = {entry.name: entry.systems[0] for entry in board.entries}
    intervals = {entry.name: (entry.low, entry.high) for entry in board.entries}
    rows = [
        Row(
            name=one.system,
            value=one.adjusted,
            low=intervals[one.system][0],
            high=intervals[one.system][1],
            colour=colour(specs[one.system]),
            hover=(one.system, f"{one.adjusted:.0f} with, {one.without or 0.0:.0f} without covariates"),
            faint=None if one.without is None else (one.without, None, None),
        )
        for one in first_of(found)
        if one.adjusted is not None
    ]
    st.plotly_chart(
        forest(rows, title="rating, 95 % interval", middle=1000.0), config=PLOT, key="switched", alt="With and without"
    )
    table: Table = {
        "System": [one.system for one in found],
        "Without covariates": [one.without for one in found],
        "With covariates": [one.adjusted for one in found],
    }
    explained("Full dots: ratings if both sides were alike in these respects. Hollow dots: without.", table, "switched")
