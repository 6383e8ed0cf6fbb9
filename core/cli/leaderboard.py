"""``leaderboard``: the board of one kind of voter on one collection."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json, write_table
from core.domain.voting import VoterKind
from core.services.boards import Entry

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("leaderboard", help="ratings with 95 %% intervals from votes or relevance labels")
    command.add_argument("--collection", help="name; default: the sample collection")
    command.add_argument("--voters", choices=[kind.value for kind in VoterKind], default=VoterKind.PERSON.value)
    command.add_argument("--category", default="", help="only queries of this category")
    command.add_argument("--json", action="store_true", help="machine-readable")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the board."""
    with running_app() as app:
        name = options.collection or app.collections.ensure_sample().name
        board = app.leaderboard.board(name, VoterKind(options.voters), options.category)
    if options.json:
        write_json(asdict(board))
        return 0
    sys.stdout.write(f"{board.summary}\n{board.explanation}\n\n")
    write_table(
        ("system", "rating", "low", "high", "votes", "wins", "ties", "losses", "nDCG@10"),
        [_row(entry) for entry in board.entries],
    )
    return 0


def _row(entry: Entry) -> tuple[str, ...]:
    ratings = (_number(value, 0) for value in (entry.rating, entry.low, entry.high))
    counts = (str(count) for count in (entry.votes, entry.wins, entry.ties, entry.losses))
    return (" = ".join(entry.systems), *ratings, *counts, _number(entry.ndcg, 3))


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
