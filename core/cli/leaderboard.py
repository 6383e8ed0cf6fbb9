"""``leaderboard``: ratings from the votes on a collection, or from a file of votes without any database."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.board_output import write_board, write_object
from core.cli.output import running_app
from core.datasets.votes.contents import VoteFile, read_votes
from core.datasets.votes.formats import VoteFormat
from core.domain.comparisons import FOREIGN
from core.domain.errors import InvalidInputError
from core.domain.voting import VoterKind
from core.ratings.board import Method
from core.services.board.boards import Board, BoardRequest
from core.services.board.file_board import file_board

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("leaderboard", help="ratings with 95 %% intervals from votes or relevance labels")
    command.add_argument("--collection", help='name, or "votes:NAME" of imported votes; default: the sample collection')
    kinds = [kind.value for kind in VoterKind]
    kind_help = "whose votes (with --votes: of whom, where the file does not say); default: person"
    command.add_argument("--kind", "--voters", choices=kinds, default=VoterKind.PERSON.value, help=kind_help)
    command.add_argument("--category", default="", help="only queries of this category")
    command.add_argument("--group", default="", help="only voters of this group")
    for option, text in (
        ("--since", "only votes cast from then on (ISO 8601, UTC unless it says otherwise)"),
        ("--until", "only votes cast before then"),
        ("--as-of", "the board as it stood then, with the decisions made until then"),
    ):
        command.add_argument(option, type=_moment, metavar="TIME", help=text)
    methods = [method.value for method in Method]
    command.add_argument("--method", choices=methods, default=Method.BRADLEY_TERRY.value, help="default: bt")
    command.add_argument("--capped", action="store_true", help="no voter weighs more than a stated share")
    command.add_argument("--json", action="store_true", help="one machine-readable object")
    source = command.add_argument_group("a file of votes, without a database")
    source.add_argument("--votes", type=Path, metavar="FILE", help="Runoff's own log, LMSYS battle JSON, or CSV")
    source.add_argument("--format", choices=[format.value for format in VoteFormat], help="default: guessed")
    source.add_argument("--columns", default="", metavar="MAP", help="a=left,b=right,winner=winner,voter=worker,...")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the board."""
    if options.votes is not None:
        return _of_file(options)
    if options.format or options.columns:
        raise InvalidInputError("--format and --columns belong to --votes FILE.")
    with running_app() as app:
        name = options.collection or app.collections.ensure_sample().name
        board = app.leaderboard.board(_request(options, _known(app, name)))
    _tell_uncapped(board)
    if options.json:
        write_object(board, {"collection": name, "kind": options.kind})
    else:
        write_board(board, measures=not board.collection.startswith(FOREIGN))
    return 0


def _of_file(options: argparse.Namespace) -> int:
    kind = VoterKind(options.kind)
    if kind is VoterKind.LABELS:
        raise InvalidInputError("A file of votes has no relevance labels. Give --kind person or judge.")
    format = VoteFormat(options.format) if options.format else None
    file = read_votes(options.votes, format=format, columns=options.columns, kind=kind)
    tell(file, guessed=format is None)
    board = file_board(file, _request(options, options.collection or ""))
    _tell_uncapped(board)
    if options.json:
        about = {"file": options.votes.name, "format": str(file.format), "collection": board.collection}
        write_object(board, {**about, "kind": options.kind, "notes": list(file.notes)})
    else:
        write_board(board, measures=False)
    return 0


def tell(file: VoteFile, *, guessed: bool) -> None:
    """How the file was read, on stderr."""
    how = " (guessed; --format decides otherwise)" if guessed else ""
    sys.stderr.write(f"{file.name}: read as {file.format}{how}\n")
    for note in file.notes:
        sys.stderr.write(f"note: {note}\n")


def _tell_uncapped(board: Board) -> None:
    """A note on stderr where a capped board was asked for and this is none."""
    if board.not_capped:
        sys.stderr.write(f"note: this board is not capped. {board.not_capped}\n")


def _request(options: argparse.Namespace, collection: str) -> BoardRequest:
    return BoardRequest(
        collection=collection,
        kind=VoterKind(options.kind),
        category=options.category,
        group=options.group,
        since=options.since,
        until=options.until,
        as_of=options.as_of,
        method=Method(options.method),
        capped=options.capped,
    )


def _known(app: App, name: str) -> str:
    """The collection's fingerprint, or the imported log as it is."""
    return name if name.startswith(FOREIGN) else app.collections.get(name).fingerprint


def _moment(text: str) -> datetime:
    """An argument that is a time; argparse turns the ValueError into its own error."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
