"""Where a collection stands: the sentence and the figures that Home and Leaderboard share."""

from __future__ import annotations

from core.domain.voting import VoterKind
from core.services.boards import Board, Entry
from pages._ui.charts import interval, label
from pages._ui.wording import UNKNOWN, Table, counted


def leader(board: Board) -> Entry | None:
    """The best rated entry, or None where no rating could be estimated."""
    rated = [entry for entry in board.entries if entry.rating is not None]
    return max(rated, key=lambda entry: entry.rating or 0.0) if board.identifiable and rated else None


def leader_figures(board: Board) -> tuple[str, str]:
    """Name and rating with its interval of the leader; dashes where there is none."""
    first = leader(board)
    if first is None:
        return UNKNOWN, "not estimable yet"
    return label(first), interval(first.rating, first.low, first.high)


def basis(board: Board) -> str:
    """What the board rests on, in words."""
    if board.kind is VoterKind.LABELS:
        return counted(board.votes, "comparison") + " by relevance labels"
    return f"{counted(board.votes, 'vote')} of {counted(board.voters, 'voter')}"


def table(board: Board) -> Table:
    """Columns of the leaderboard's table, best first."""
    entries = sorted(board.entries, key=lambda entry: -(entry.rating if entry.rating is not None else -1e9))
    columns: Table = {
        "System": [label(entry) for entry in entries],
        "Rating": [entry.rating for entry in entries],
        "95 % interval": [span(entry.low, entry.high, 0) for entry in entries],
        "Votes": [entry.votes for entry in entries],
        "Won": [entry.wins for entry in entries],
        "Tied": [entry.ties for entry in entries],
        "Lost": [entry.losses for entry in entries],
        "nDCG@10": [entry.ndcg for entry in entries],
        "nDCG@10 95 %": [span(entry.ndcg_low, entry.ndcg_high, 3) for entry in entries],
        "Queries": [entry.queries for entry in entries],
        "Calls": [_whole(entry.calls) for entry in entries],
        "Tokens": [_whole(entry.prompt_tokens) for entry in entries],
    }
    if not board.identifiable:
        columns.pop("Rating")
        columns.pop("95 % interval")
    return columns


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def span(low: float | None, high: float | None, digits: int) -> str:
    """``980 to 1044``, or a dash."""
    return UNKNOWN if low is None or high is None else f"{low:.{digits}f} to {high:.{digits}f}"


def pair_table(board: Board) -> Table:
    """Wins, ties and losses of every pair that has met, and what is still needed for those in ``missing``."""
    names = [label(entry) for entry in board.entries]
    needed = {frozenset((gap.first, gap.second)): gap.needed for gap in board.missing}
    met = {frozenset((pair.first, pair.second)): pair for pair in board.pairs}
    rows = [(pair.first, pair.second, pair.wins, pair.ties, pair.losses) for pair in board.pairs]
    rows += [(gap.first, gap.second, 0, 0, 0) for gap in board.missing if frozenset((gap.first, gap.second)) not in met]
    return {
        "First": [names[row[0]] for row in rows],
        "Second": [names[row[1]] for row in rows],
        "First won": [row[2] for row in rows],
        "Tied": [row[3] for row in rows],
        "Second won": [row[4] for row in rows],
        "Still needed": [needed.get(frozenset(row[:2]), "") for row in rows],
    }


def win_rates(board: Board) -> tuple[list[list[float | None]], list[list[str]], list[list[str]]]:
    """Share of battles that the row won against the column, ties as halves; texts of the cells; longer texts."""
    names = [label(entry) for entry in board.entries]
    rates: list[list[float | None]] = [[None] * len(names) for _ in names]
    texts = [[""] * len(names) for _ in names]
    hovers = [[""] * len(names) for _ in names]
    for pair in board.pairs:
        total = pair.wins + pair.ties + pair.losses
        if not total:
            continue
        share = (pair.wins + pair.ties / 2) / total
        for row, column, value in ((pair.first, pair.second, share), (pair.second, pair.first, 1 - share)):
            rates[row][column] = value
            texts[row][column] = f"{value:.0%}"
            hovers[row][column] = f"{names[row]} won {value:.0%} of {total} against {names[column]}"
    return rates, texts, hovers
