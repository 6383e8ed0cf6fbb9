"""``export-votes`` and ``import-votes``: the log of votes to and from files."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json
from core.cli.whole_file import write_whole
from core.datasets.votes.formats import VoteFormat
from core.domain.comparisons import FOREIGN
from core.domain.errors import InvalidInputError
from core.domain.roles import COMMAND_LINE
from core.domain.voting import VoterKind

if TYPE_CHECKING:
    from argparse import _SubParsersAction

KINDS = [str(VoterKind.PERSON), str(VoterKind.JUDGE)]
FORMATS = [str(format) for format in VoteFormat]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register both commands."""
    out = commands.add_parser("export-votes", help="write the log of votes, or what boards count of it, to a file")
    out.add_argument("file", type=Path, metavar="FILE")
    out.add_argument("--format", choices=FORMATS, help="default: by the name, .jsonl, .json or .csv")
    out.add_argument("--collection", default="", help='name, or "votes:NAME"; lmsys and csv only')
    out.add_argument("--kind", choices=KINDS, help="of voter; lmsys and csv only")
    out.set_defaults(run=run_export)
    into = commands.add_parser("import-votes", help="add the votes of a file to the log, all or none")
    into.add_argument("file", type=Path, metavar="FILE")
    into.add_argument("--format", choices=FORMATS, help="default: guessed")
    into.add_argument("--columns", default="", metavar="MAP", help="a=left,b=right,winner=winner,voter=worker,...")
    into.add_argument("--name", default="", help="list foreign votes as votes:NAME; default: the file's name")
    into.add_argument("--kind", choices=KINDS, default=KINDS[0], help="of voters, where the file does not say")
    into.set_defaults(run=run_import)


def run_export(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all, and print what was written."""
    format = VoteFormat(options.format) if options.format else _by_name(options.file)
    kind = VoterKind(options.kind) if options.kind else None
    with running_app() as app:
        collection = options.collection
        if collection and not collection.startswith(FOREIGN):
            collection = app.collections.get(collection).fingerprint
        export = partial(app.vote_files.export, COMMAND_LINE, format, collection=collection, kind=kind)
        report = write_whole(options.file, export)
    write_json({"file": str(options.file), "format": str(format), "rows": report.rows})
    _tell(report.notes)
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Import and print how many entries were new."""
    format = VoteFormat(options.format) if options.format else None
    with running_app() as app:
        report = app.vote_files.import_(
            COMMAND_LINE,
            options.file,
            options.name,
            format=format,
            columns=options.columns,
            kind=VoterKind(options.kind),
        )
    write_json(
        {
            "format": str(report.format),
            "collection": report.source,
            "entries": report.entries,
            "added": report.added,
            "already": report.already,
        }
    )
    _tell(report.notes)
    return 0


def _by_name(file: Path) -> VoteFormat:
    for format in VoteFormat:
        if file.suffix.lower() == format.suffix:
            return format
    raise InvalidInputError(f"The name {file.name!r} does not tell the format. Add --format {', '.join(FORMATS)}.")


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
