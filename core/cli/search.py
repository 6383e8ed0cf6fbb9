"""``search``: full-text search in the documents of a collection."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json, write_table
from core.domain.documents import Document
from core.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

SHOWN_CHARS = 80


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("search", help="full-text search in a collection")
    command.add_argument("words", metavar="WORDS", nargs="+")
    command.add_argument("--collection", required=True)
    command.add_argument("--limit", type=int, default=10, help="how many documents (default 10)")
    command.add_argument("--json", action="store_true", help="machine-readable, with whole texts")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the best documents; exit code 0 also where there are none."""
    if options.limit < 1:
        raise InvalidInputError(f"--limit must be at least 1, not {options.limit}.")
    with running_app() as app:
        found = app.collections.reader(options.collection).search(" ".join(options.words), options.limit)
    if options.json:
        write_json([{"id": document.id, "title": document.title, "text": document.text} for document in found])
    elif found:
        write_table(("document", "begins"), [(document.id, _beginning(document)) for document in found])
    else:
        sys.stdout.write("No document matches. Try fewer or other words.\n")
    return 0


def _beginning(document: Document) -> str:
    text = " ".join(document.content.split())
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1].rstrip() + "…"
