"""The answer of a board: the sentence, what it rests on, the forest plot and the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from core.bootstrap import App
from core.domain.voting import VoterKind
from core.ratings.board import Method
from core.services.board.boards import Board
from pages._ui import ran_on
from pages._ui.board import standings
from pages._ui.board.board_filters import is_on, toggle
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import forest
from pages._ui.escape import plain
from pages._ui.navigation import ARENA, VOTES
from pages._ui.theme import PLOT
from pages._ui.urlstate import asked
from pages._ui.wording import UNKNOWN, counted

HEAVY, FEW = 0.3, 1.5  # share of one voter from which it is said; with few voters this many equal parts
MANY = 20  # systems in a chart unless all are asked for
T = TypeVar("T")
HOW = "Each dot is a rating, each bar its 95 % interval; further right is better."
RANKS = "The ranks at the right are those that a system may have, for all systems together."


def answer(board: Board) -> None:
    """The sentence above everything, what would settle it, and what it rests on."""
    st.markdown(f"## {plain(board.summary)}")
    if board.settle.sentence:
        st.markdown(plain(board.settle.sentence), help=board.settle.detail or None)
    st.caption(f"{standings.basis(board)}. {plain(board.explanation)}")
    notices(board)


def notices(board: Board) -> None:
    """What a reader must know before believing the numbers."""
    if board.too_few:
        st.warning(plain(board.too_few), icon=":material/filter_alt:")
    if board.quarantine.votes:
        quarantine(board)
    if board.voters > 1 and board.heaviest > max(HEAVY, FEW / board.voters):
        st.info(
            f"One voter gave {board.heaviest:.0%} of the votes. Robustness, below, says what hangs on it.",
            icon=":material/balance:",
        )


def quarantine(board: Board) -> None:
    """Votes that wait for a person's decision."""
    said = f"{counted(board.quarantine.votes, 'vote')} of {counted(board.quarantine.voters, 'voter')}"
    verb = "waits" if board.quarantine.votes == 1 else "wait"
    state = "are counted here" if board.quarantine.counted else "are not counted"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange-badge[Quarantine] {said} {verb} for a decision and {state}.")
        st.page_link(VOTES, label="Decide", query_params={"collection": asked("collection"), "show": "voters"})


def plot(board: Board) -> None:
    """The forest plot; where there is no common scale, one for each part that can be rated."""
    for number, part in enumerate(board.parts if not board.identifiable else ()):
        rows = standings.forest_rows(board, [board.entries[i] for i in part.entries])
        if rows:
            st.subheader(f"Group {chr(ord('A') + number)}: comparable among themselves", anchor=False)
            draw(board, rows, f"forest_{number}")
    if board.identifiable:
        draw(board, standings.forest_rows(board, first_of(board.entries)), "forest")
    if len(board.entries) > MANY:
        toggle(f"All {len(board.entries)} systems in the charts", "all")


def first_of(items: Sequence[T]) -> Sequence[T]:
    """What charts show of many systems: the first, unless all are asked for."""
    return items if is_on("all") else items[:MANY]


def draw(board: Board, rows: list[standings.Row], key: str) -> None:
    """One forest plot with its data."""
    share = board.request.method is Method.WIN_RATE
    ranked = any(row.beside for row in rows)
    figure = forest(
        rows,
        title="average win rate, 95 % interval" if share else "rating, 95 % interval",
        middle=0.5 if share else 1000.0,
        beside="ranks" if ranked else "",
    )
    st.plotly_chart(figure, config=PLOT, key=key, alt="Ratings with 95 % intervals, best on top")
    unit = f"{board.scale[:1].upper()}{board.scale[1:]}; the dotted line is the middle."
    explained(f"{HOW} {f'{RANKS} ' if ranked else ''}{unit}", standings.table(board), f"ratings {key}")


def table(app: App, board: Board) -> None:
    """Every figure of the board."""
    number = st.column_config.NumberColumn
    right = ("95 % interval", "Ranks", "nDCG@10 95 %")
    config = {
        "Group": st.column_config.TextColumn(help="Ratings are comparable within a group only."),
        "Rating": number(format="%.2f" if board.request.method is Method.WIN_RATE else "%.0f"),
        "Compared": number(help="Comparisons with this system."),
        "nDCG@10": number(format="%.3f", help="Mean over the labelled queries."),
        "Queries": number(help="Labelled queries that the system has ranked."),
        "p50 ms": number(format="localized", help="Median time of a query here, without cached answers."),
        "Calls": number(format="localized", help="Model calls per query, as if the system ran alone."),
        "Tokens": number(format="localized", help="Prompt tokens per query, as if the system ran alone."),
        **{name: st.column_config.TextColumn(alignment="right") for name in right},
        ran_on.COLUMN: ran_on.column(),
    }
    st.dataframe(standings.table(board), hide_index=True, column_config=config, width="stretch", placeholder=UNKNOWN)
    if said := ran_on.machines_said((line for entry in board.entries for line in entry.machines), "Ranked on"):
        st.caption(said)
    ran_on.precisions(app, [spec for entry in board.entries for spec in entry.systems])


def unrated(board: Board) -> None:
    """What there is besides ratings while there is no common scale: counts, and the battles that are missing."""
    if board.kind is VoterKind.PERSON and not board.request.as_of and not board.collection.startswith("votes:"):
        st.page_link(ARENA, label="Vote in the arena", query_params={"collection": asked("collection")})
    st.subheader("What has been voted so far, and what is missing", anchor=False)
    st.dataframe(standings.pair_table(board), hide_index=True, width="stretch")
