"""Whether voters agree, within a kind and between kinds, and where they do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.voting import VoterKind
from core.services.board.board_views import Agreement, AgreementView
from core.services.board.boards import Board
from pages._ui.board.board_filters import VOTERS
from pages._ui.board.chart_data import explained
from pages._ui.board.forest import Row, forest
from pages._ui.escape import plain
from pages._ui.theme import PLOT
from pages._ui.urlstate import choose
from pages._ui.wording import UNKNOWN, Table, counted

SHORT = {VoterKind.PERSON: "people", VoterKind.JUDGE: "judges", VoterKind.LABELS: "labels"}
WITHIN, BETWEEN = "#0f9488", "#8b5cf6"


def agreement(app: App, board: Board) -> None:
    """Coefficients with intervals, then the battles of disagreement."""
    st.subheader("Do voters agree?", anchor=False)
    with st.spinner("Comparing verdicts ..."):
        found = app.leaderboard.agreement(board.request)
    st.markdown(plain(found.sentence))
    overall = [row for row in found.rows if not row.category and row.alpha is not None]
    if overall:
        drawn(overall, _who, "alpha")
    by_category(found)
    if found.rows:
        st.dataframe(agreement_table(found), hide_index=True, width="stretch", placeholder=UNKNOWN)
        explained(
            "1 is perfect agreement, 0 what chance would give. Raw: the same verdict on the same query and systems, by "
            "the majority of each kind. Kappa and alpha take away what chance gives; alpha also holds for many "
            "voters of a kind.",
            agreement_table(found),
            "agreement",
        )
    disagreements(found)


def by_category(found: AgreementView) -> None:
    """The categories of one of the comparisons."""
    parts = [row for row in found.rows if row.category and row.alpha is not None]
    offered = list(dict.fromkeys(_who(row) for row in sorted(parts, key=lambda row: row.first is row.second)))
    if offered:
        chosen = choose("By category", offered, name="agree")
        drawn([row for row in parts if _who(row) == chosen], lambda row: row.category, "alpha_category")


def drawn(rows: Sequence[Agreement], title: Callable[[Agreement], str], key: str) -> None:
    """Alphas with their intervals on the scale from chance to perfect."""
    figure = forest([_row(row, title(row)) for row in rows], title="Krippendorff's alpha, 95 % interval", middle=0.0)
    least = min((row.alpha or 0.0) if row.alpha_low is None else row.alpha_low for row in rows)
    figure.update_xaxes(range=[min(-0.1, least - 0.05), 1.05])
    st.plotly_chart(figure, config=PLOT, key=key, alt="Agreement with intervals")


def _row(row: Agreement, title: str) -> Row:
    alpha = row.alpha or 0.0
    return Row(
        name=title,
        value=alpha,
        low=row.alpha_low,
        high=row.alpha_high,
        colour=WITHIN if row.first is row.second else BETWEEN,
        hover=(title, f"alpha {alpha:.2f} on {counted(row.battles, 'battle')}"),
    )


def _who(row: Agreement) -> str:
    if row.first is row.second:
        return f"{SHORT[row.first]}, each other"
    return f"{SHORT[row.first]} and {SHORT[row.second]}"


def agreement_table(found: AgreementView) -> Table:
    """A row for each pair of kinds and category."""
    return {
        "Who": [VOTERS[row.first] for row in found.rows],
        "With": ["each other" if row.first is row.second else VOTERS[row.second] for row in found.rows],
        "Category": [row.category or "all" for row in found.rows],
        "Battles": [row.battles for row in found.rows],
        "Raw": [_rounded(row.raw) for row in found.rows],
        "Kappa": [_rounded(row.kappa) for row in found.rows],
        "Alpha": [_rounded(row.alpha) for row in found.rows],
        "Alpha low": [_rounded(row.alpha_low) for row in found.rows],
        "Alpha high": [_rounded(row.alpha_high) for row in found.rows],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def disagreements(found: AgreementView) -> None:
    """The battles on which kinds disagree."""
    if not found.disagreeing:
        return
    st.subheader("Where they disagree", anchor=False)
    table: Table = {
        "Query": [battle.query for battle in found.disagreements],
        "Category": [battle.category for battle in found.disagreements],
        "One system": [battle.first for battle in found.disagreements],
        "Another": [battle.second for battle in found.disagreements],
        "Verdicts": [
            "; ".join(f"{VOTERS[kind]}: {verdict}" for kind, verdict in battle.verdicts)
            for battle in found.disagreements
        ],
    }
    st.dataframe(table, hide_index=True, width="stretch")
    shown = "" if found.disagreeing == len(found.disagreements) else f", {len(found.disagreements)} of them shown"
    explained(
        f"{counted(found.disagreeing, 'battle')}{shown}; a win against a loss comes before a win against a tie.",
        table,
        "disagreements",
    )
