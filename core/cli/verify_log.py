"""``verify-log``: whether an exported log is as it was written, and the boards it gives."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.board_output import board_object, write_board
from core.cli.output import write_json
from core.datasets.votes.contents import LogState, read_votes
from core.datasets.votes.formats import VoteFormat
from core.domain.errors import ImportFormatError
from core.domain.voting import VoterKind
from core.ratings.board import Method
from core.services.board.boards import Board, BoardRequest
from core.services.board.file_board import file_board

if TYPE_CHECKING:
    from argparse import _SubParsersAction

PEOPLE = {VoterKind.PERSON: "people", VoterKind.JUDGE: "LLM judges", VoterKind.LABELS: "relevance labels"}


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("verify-log", help="check the chain of an exported log and recompute its boards")
    command.add_argument("file", type=Path, metavar="FILE")
    methods = [method.value for method in Method]
    command.add_argument("--method", choices=methods, default=Method.BRADLEY_TERRY.value, help="default: bt")
    command.add_argument("--json", action="store_true", help="one machine-readable object")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; exit code 1 with the first broken line where the log is not as it was written."""
    try:
        file = read_votes(options.file, format=VoteFormat.RUNOFF)
    except ImportFormatError as error:
        if error.line is None:
            raise
        sys.stderr.write(f"error: {error}\n")
        return 1
    method = Method(options.method)
    boards = [
        file_board(file, BoardRequest(collection=collection, kind=kind, method=method))
        for collection, kind in sorted(file.boards)
    ]
    if file.log is not None:
        _write(file.log, boards, json=options.json)
    return 0


def _write(log: LogState, boards: list[Board], *, json: bool) -> None:
    if json:
        about = {"entries": log.entries, "votes": log.votes, "head": log.head, "sha256": log.sha256}
        of = [board_object(board, {"collection": board.collection, "kind": str(board.kind)}) for board in boards]
        write_json({**about, "chain": "intact", "boards": of})
        return
    first = f"{log.entries:,} {'entry' if log.entries == 1 else 'entries'}, chain intact, head {log.head}"
    if not boards:
        sys.stdout.write(f"{first}, board: no votes\n")
    for place, board in enumerate(boards):
        start = f"{first}, " if place == 0 else "\n"
        sys.stdout.write(f"{start}board: {PEOPLE[board.kind]} on {board.collection}\n")
        write_board(board, measures=False)
