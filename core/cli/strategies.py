"""``strategies``: what each strategy does and costs; writes the documentation of all of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.cli.output import write_table
from core.cli.whole_file import write_whole
from core.domain.errors import InvalidInputError
from core.strategies.base import StrategyInfo, find, registered
from core.strategies.document import filled, in_order, sections

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("strategies", help="what every strategy does, costs and promises")
    command.add_argument("name", nargs="?", help="one strategy, with all that is known of it")
    command.add_argument("--write", type=Path, help="put the documentation of all of them between a file's markers")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table or one strategy, or write the documentation."""
    built_in = [info for info in registered().values() if info.type.__module__.startswith("core.strategies.")]
    if options.name:
        sys.stdout.write(sections([find(options.name)]) + "\n")
    elif options.write:
        _write(options.write, built_in)
    else:
        rows = [
            (info.name, info.family, info.about.cost, info.about.rounds, str(info.about.fidelity))
            for info in in_order(built_in)
        ]
        write_table(("strategy", "family", "calls", "rounds", "fidelity"), rows)
    return 0


def _write(file: Path, infos: list[StrategyInfo]) -> None:
    try:
        text = filled(file.read_text("utf-8"), infos)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{file} cannot be filled: {error}.") from error
    write_whole(file, lambda stream: stream.write(text.encode("utf-8")))
