"""A board on stdout: one JSON object, or the sentence, the table and what belongs to it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from core.cli.output import write_json, write_table
from core.services.board.boards import Board, Entry

HEADER = ("system", "rating", "low", "high", "ranks", "votes", "wins", "ties", "losses")


def board_object(board: Board, about: Mapping[str, object]) -> dict[str, object]:
    """Everything as plain values, ``about`` first. Ratings are null where they cannot be estimated, with a reason.

    ``ranks``: [first, last] that the system may have, all systems together with 95 %. Ratings are comparable only
    between systems of one ``component``, unless ``identifiable``.
    """
    return {
        **about,
        "method": str(board.request.method),
        "scale": board.scale,
        "estimand": board.estimand,
        "capped": board.request.capped and not board.not_capped,
        "not_capped": board.not_capped or None,
        "identifiable": board.identifiable,
        "votes": board.votes,
        "comparisons": board.comparisons,
        "voters": board.voters,
        "summary": board.summary,
        "explanation": board.explanation,
        "systems": [_system(board, entry) for entry in board.entries],
    }


def write_board(board: Board, *, measures: bool) -> None:
    """The sentences and the table. ``measures``: with nDCG@10, which boards of files do not have."""
    said = [text for text in (board.summary, board.explanation, board.too_few) if text]
    sys.stdout.write("\n".join(said) + "\n\n")
    header = (*HEADER, "nDCG@10") if measures else HEADER
    write_table(header, [_row(entry, measures=measures) for entry in board.entries])


def write_object(board: Board, about: Mapping[str, object]) -> None:
    """``board_object`` on stdout, alone."""
    write_json(board_object(board, about))


def _system(board: Board, entry: Entry) -> dict[str, object]:
    ranked = entry.first_rank is not None and entry.last_rank is not None
    return {
        "name": entry.name,
        "specifications": list(entry.systems),
        "rating": entry.rating,
        "low": entry.low,
        "high": entry.high,
        "votes": entry.votes,
        "wins": entry.wins,
        "ties": entry.ties,
        "losses": entry.losses,
        "ranks": [entry.first_rank, entry.last_rank] if ranked else None,
        "component": entry.component,
        "reason": reason(board, entry),
        "ndcg": entry.ndcg,
        "calls": entry.calls,
        "prompt_tokens": entry.prompt_tokens,
        "p50_ms": entry.p50_ms,
        "machines": list(entry.machines),
    }


def reason(board: Board, entry: Entry) -> str:
    """Why an entry has no rating; empty where it has one."""
    if entry.rating is not None:
        return ""
    place = board.entries.index(entry)
    for part in board.parts:
        if place in part.entries:
            return part.why or "Not identifiable."
    return "No vote that counts."


def _row(entry: Entry, *, measures: bool) -> Sequence[str]:
    ratings = (number(value, 0) for value in (entry.rating, entry.low, entry.high))
    counts = (str(count) for count in (entry.votes, entry.wins, entry.ties, entry.losses))
    row = (entry.name, *ratings, _ranks(entry), *counts)
    return (*row, number(entry.ndcg, 3)) if measures else row


def _ranks(entry: Entry) -> str:
    if entry.first_rank is None or entry.last_rank is None:
        return "-"
    return str(entry.first_rank) if entry.first_rank == entry.last_rank else f"{entry.first_rank} to {entry.last_rank}"


def number(value: float | None, digits: int) -> str:
    """A number of a table, a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"
