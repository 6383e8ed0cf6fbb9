"""Parses the command line and runs one command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from core.cli import (
    benchmark,
    cache,
    check_strategy,
    compare,
    evaluate,
    export,
    import_,
    leaderboard,
    precision,
    replay,
    rerank,
    search,
    strategies,
    systems,
    trace,
    verify_log,
    vote_transfer,
)
from core.domain.errors import InvalidInputError, RunoffError

COMMANDS = (
    systems,
    strategies,
    import_,
    search,
    rerank,
    benchmark,
    evaluate,
    compare,
    export,
    replay,
    trace,
    leaderboard,
    vote_transfer,
    verify_log,
    precision,
    cache,
    check_strategy,
)


def parser() -> argparse.ArgumentParser:
    """The whole grammar; every command module adds its own part."""
    root = argparse.ArgumentParser(prog="python -m core", description="Runoff: know which reranker to ship.")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except InvalidInputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except RunoffError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; finished rankings are kept\n")
        return 130
