"""``check-strategy``: the contract suite on a strategy file outside the repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.strategies.contract import check
from core.strategies.loading import load_file

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("check-strategy", help="run the contract suite on a strategy file")
    command.add_argument("file", type=Path, metavar="FILE")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print each finding; exit code 1 where there is one."""
    findings = 0
    for info in load_file(options.file):
        found = check(info)
        findings += len(found)
        for finding in found:
            sys.stdout.write(f"{info.name}: {finding}\n")
        if not found:
            sys.stdout.write(f"{info.name}: keeps the contract\n")
    return 1 if findings else 0
