"""Where a collection stands: the sentence and the figures that Home and Leaderboard share."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.voting import VoterKind
from core.ratings.board import Method
from core.services.board.boards import Board, Entry
from core.services.board.standing import ranks
from pages._ui import ran_on
from pages._ui.board.forest import Row
from pages._ui.charts import interval
from pages._ui.colours import colour
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
    return first.name, interval(first.rating, first.low, first.high, digits(board))


def digits(board: Board) -> int:
    """Decimals of a rating: none of points, two of a win rate."""
    return 2 if board.request.method is Method.WIN_RATE else 0


def basis(board: Board) -> str:
    """What the board rests on, in words."""
    if board.kind is VoterKind.LABELS:
        return counted(board.votes, "comparison") + " by relevance labels"
    more = "" if board.comparisons == board.votes else f" ({board.comparisons:,} comparisons)"
    return f"{counted(board.votes, 'vote')}{more} of {counted(board.voters, 'voter')}"


def forest_rows(board: Board, entries: Iterable[Entry]) -> list[Row]:
    """Rated entries as rows of a forest plot, in their order."""
    return [
        Row(
            name=entry.name,
            value=entry.rating,
            low=entry.low,
            high=entry.high,
            colour=colour(entry.systems[0]),
            hover=(
                entry.name,
                f"rating {interval(entry.rating, entry.low, entry.high, digits(board))}",
                f"rank {ranks(entry.first_rank, entry.last_rank) or UNKNOWN}",
                counted(entry.votes, "comparison"),
            ),
            beside=short_ranks(entry),
        )
        for entry in entries
        if entry.rating is not None
    ]


def short_ranks(entry: Entry) -> str:
    """``1``, ``2`` to ``4`` with a dash, or nothing."""
    if entry.first_rank is None or entry.last_rank is None:
        return ""
    if entry.first_rank == entry.last_rank:
        return f"{entry.first_rank}"
    return f"{entry.first_rank}\u2013{entry.last_rank}"


def table(board: Board) -> Table:
    """Columns of the leaderboard's table, best first."""
    entries = board.entries
    columns: Table = {
        "System": [entry.name for entry in entries],
        "Group": ["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[min(entry.component, 25)] for entry in entries],
        "Rating": [entry.rating for entry in entries],
        "95 % interval": [span(entry.low, entry.high, digits(board)) for entry in entries],
        "Ranks": [short_ranks(entry) for entry in entries],
        "Compared": [entry.votes for entry in entries],
        "Won": [entry.wins for entry in entries],
        "Tied": [entry.ties for entry in entries],
        "Lost": [entry.losses for entry in entries],
        "nDCG@10": [entry.ndcg for entry in entries],
        "nDCG@10 95 %": [span(entry.ndcg_low, entry.ndcg_high, 3) for entry in entries],
        "Queries": [entry.queries for entry in entries],
        "p50 ms": [_short(entry.p50_ms) for entry in entries],
        "Calls": [_whole(entry.calls) for entry in entries],
        "Tokens": [_whole(entry.prompt_tokens) for entry in entries],
        ran_on.COLUMN: ran_on.cells([entry.machines for entry in entries]),
    }
    absent = _absent(board)
    return {name: column for name, column in columns.items() if name not in absent}


def _absent(board: Board) -> set[str]:
    """Columns that would say nothing on this board."""
    absent = set()
    if board.identifiable or len(board.parts) < 2:
        absent.add("Group")
    if all(entry.rating is None for entry in board.entries):
        absent |= {"Rating", "95 % interval"}
    if all(entry.first_rank is None for entry in board.entries):
        absent.add("Ranks")
    if all(entry.calls is None for entry in board.entries):
        absent |= {"nDCG@10", "nDCG@10 95 %", "Queries", "p50 ms", "Calls", "Tokens", ran_on.COLUMN}
    return absent


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _short(value: float | None) -> float | None:
    """Two decimals below ten, none above."""
    return None if value is None else round(value, 2 if value < 10 else 0)


def span(low: float | None, high: float | None, digits: int) -> str:
    """``980 to 1044``, or a dash."""
    return UNKNOWN if low is None or high is None else f"{low:.{digits}f} to {high:.{digits}f}"


def pair_table(board: Board) -> Table:
    """Wins, ties and losses of every pair that has met, and what is still needed for those in ``missing``."""
    names = [entry.name for entry in board.entries]
    needed = {frozenset((gap.first, gap.second)): gap.needed for gap in board.missing}
    met = {frozenset((pair.first, pair.second)): pair for pair in board.pairs}
    rows = [(pair.first, pair.second, pair.wins, pair.ties, pair.losses) for pair in board.pairs]
    rows += [(gap.first, gap.second, 0, 0, 0) for gap in board.missing if frozenset((gap.first, gap.second)) not in met]
    columns: Table = {
        "First": [names[row[0]] for row in rows],
        "Second": [names[row[1]] for row in rows],
        "First won": [row[2] for row in rows],
        "Tied": [row[3] for row in rows],
        "Second won": [row[4] for row in rows],
    }
    return {**columns, "Still needed": [needed.get(frozenset(row[:2]), "") for row in rows]} if needed else columns


Square = tuple[list[list[float | None]], list[list[str]], list[list[str]]]  # values, texts of cells, longer texts


def win_rates(board: Board) -> Square:
    """Share of comparisons that the row won against the column, ties as halves."""
    names = [entry.name for entry in board.entries]
    rates, texts, hovers = _square(len(names))
    for pair in board.pairs:
        total = pair.wins + pair.ties + pair.losses
        share = (pair.wins + pair.ties / 2) / total
        for row, column, value in ((pair.first, pair.second, share), (pair.second, pair.first, 1 - share)):
            rates[row][column] = value
            texts[row][column] = f"{100 * value:.0f}"
            hovers[row][column] = f"{names[row]} won {value:.0%} of {total} against {names[column]}"
    return rates, texts, hovers


def pair_votes(board: Board) -> Square:
    """How often each pair was compared."""
    names = [entry.name for entry in board.entries]
    counts, texts, hovers = _square(len(names))
    for pair in board.pairs:
        total = pair.wins + pair.ties + pair.losses
        for row, column in ((pair.first, pair.second), (pair.second, pair.first)):
            counts[row][column] = total
            texts[row][column] = f"{total:,}"
            hovers[row][column] = f"{names[row]} and {names[column]}: {counted(total, 'comparison')}"
    return counts, texts, hovers


def model_chances(board: Board) -> Square:
    """The model's probability that the row beats the column in the next comparison."""
    names = [entry.name for entry in board.entries]
    values, texts, hovers = _square(len(names))
    for chance in board.chances:
        for row, column, value, low, high in (
            (chance.first, chance.second, chance.probability, chance.low, chance.high),
            (chance.second, chance.first, 1 - chance.probability, 1 - chance.high, 1 - chance.low),
        ):
            values[row][column] = value
            texts[row][column] = f"{100 * value:.0f}"
            hovers[row][column] = f"{names[row]} beats {names[column]} with {value:.0%} ({low:.0%} to {high:.0%})"
    return values, texts, hovers


def _square(size: int) -> Square:
    return (
        [[None] * size for _ in range(size)],
        [[""] * size for _ in range(size)],
        [[""] * size for _ in range(size)],
    )
