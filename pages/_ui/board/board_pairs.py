"""Pairs of systems: who beat whom how often, how likely by the model, and how often they were compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from core.services.board.boards import Board, Chance
from pages._ui.board import standings
from pages._ui.board.board_top import first_of
from pages._ui.board.chart_data import explained
from pages._ui.charts import square_map
from pages._ui.escape import plain
from pages._ui.theme import PLOT, ink
from pages._ui.urlstate import choose, switch
from pages._ui.wording import Table, counted

if TYPE_CHECKING:
    from core.bootstrap import App
    from core.ratings.superiority import HeadToHead

T = TypeVar("T")


MAPS = {"votes": "In the votes", "model": "By the model"}
ORDER = (
    "teal above a half, orange below. Systems are in the order of the board, so that a board without surprises is teal "
    "above the diagonal."
)


def wins(app: App, board: Board) -> None:
    """The heat map of wins, counted or by the model, and any two systems against each other."""
    st.subheader("How often the row beats the column", anchor=False)
    if board.chances and switch("Map", list(MAPS), name="map", shown=MAPS.__getitem__) == "model":
        drawn(board, standings.model_chances(board))
        explained(
            f"Of a hundred battles, how many the row would win against the column by its rating, a tie half: {ORDER}",
            chance_table(board),
            "chances",
        )
    else:
        drawn(board, standings.win_rates(board))
        explained(
            f"Of a hundred battles, how many the row won against the column, a tie half to each: {ORDER} Blank: they "
            "never met.",
            standings.pair_table(board),
            "wins",
        )
    against(app, board)


def drawn(board: Board, square: standings.Square) -> None:
    """A heat map around one half."""
    names = [entry.name for entry in first_of(board.entries)]
    rates, texts, hovers = (_corner(part, len(names)) for part in square)
    figure = square_map(names, rates, texts, low=0.0, high=1.0, hovers=hovers, ink=ink(), balanced=True)
    st.plotly_chart(figure, config=PLOT, key="wins", alt="Share of battles that each system wins against each other")


def _corner(table: list[list[T]], size: int) -> list[list[T]]:
    return [row[:size] for row in table[:size]]


def against(app: App, board: Board) -> None:
    """Two systems, head to head."""
    if not board.chances:
        return
    st.subheader("Two systems", anchor=False)
    places = [str(place) for place in sorted({chance.first for chance in board.chances})]
    others = [str(place) for place in sorted({chance.second for chance in board.chances})]

    def shown(place: str) -> str:
        return board.entries[int(place)].name

    left, right = st.columns(2)
    with left:
        one = int(choose("One system", places, name="one", shown=shown))
    with right:
        other = int(choose("Another", [place for place in others if int(place) > one], name="other", shown=shown))
    chance = next(c for c in board.chances if (c.first, c.second) == (one, other))
    st.markdown(f"{plain(board.entries[one].name)} against {plain(board.entries[other].name)}: {said(chance)}")
    st.markdown(met(board, chance, app.leaderboard.direct(board, chance)))
    st.caption(
        "The first probability is of one battle, by the model from all votes; being better is about the ratings. "
        "The two are different questions: a small advantage can be certain."
    )


def said(chance: Chance) -> str:
    """The probability of a win and of being better, in words."""
    clear = (
        "clearly ahead on the whole board" if chance.clear else "not clearly ahead when all pairs are judged together"
    )
    sure = "over 99.9%" if chance.better > 0.999 else f"{chance.better:.1%}"
    return (
        f"wins the next battle with **{chance.probability:.0%}** ({chance.low:.0%} to {chance.high:.0%}), "
        f"is the better one with **{sure}**, {clear}."
    )


def met(board: Board, chance: Chance, direct: HeadToHead | None) -> str:
    """Their own battles, and what these say without a model."""
    for pair in board.pairs:
        if direct is not None and (pair.first, pair.second) == (chance.first, chance.second):
            return (
                f"In their own battles alone it won **{direct.share:.0%}** ({direct.low:.0%} to {direct.high:.0%}), "
                f"a tie half: {pair.wins:,} won, {pair.ties:,} tied, {pair.losses:,} lost."
            )
    return "They never met; what is said of them goes over others."


def chance_table(board: Board) -> Table:
    """Every pair."""
    names = [entry.name for entry in board.entries]
    return {
        "First": [names[c.first] for c in board.chances],
        "Second": [names[c.second] for c in board.chances],
        "First wins": [round(c.probability, 4) for c in board.chances],
        "Low": [round(c.low, 4) for c in board.chances],
        "High": [round(c.high, 4) for c in board.chances],
        "First is better": [round(c.better, 4) for c in board.chances],
        "Clearly": [c.clear for c in board.chances],
    }


def votes(board: Board) -> None:
    """How often each pair was compared."""
    st.subheader("Comparisons of each pair", anchor=False)
    names = [entry.name for entry in first_of(board.entries)]
    counts, texts, hovers = (_corner(part, len(names)) for part in standings.pair_votes(board))
    most = max((value for row in counts for value in row if value is not None), default=1.0)
    figure = square_map(names, counts, texts, low=0.0, high=most, hovers=hovers, ink=ink())
    st.plotly_chart(figure, config=PLOT, key="counts", alt="Comparisons of each pair of systems")
    explained(
        "Darker: compared more often. Ratings of systems that met few others hang on those few. Blank: they never met.",
        standings.pair_table(board),
        "votes per pair",
    )
    if board.agreements is not None:
        st.markdown(
            f"{counted(board.agreements, 'battle')} of the systems in the arena will never be held, because both lists "
            "begin with the same documents: agreement, which no vote could add to."
        )
