"""``cache``: where answers of models are kept, how large that is, and emptying it. No engine is started."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from core.services import answer_file
from core.settings import load_settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction

MEGABYTE = 1_000_000


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("cache", help="the answer cache: where it is, how large, and emptying it")
    command.add_argument(
        "--clear", action="store_true", help="drop every answer; what is asked again is computed again"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the place and the size."""
    settings = load_settings()
    if options.clear:
        freed = answer_file.empty(settings.cache_dir)
        sys.stderr.write(f"emptied; {freed / MEGABYTE:.1f} MB are free\n")
    size = answer_file.size(settings.cache_dir) / MEGABYTE
    sys.stdout.write(f"{settings.cache_dir / answer_file.NAME}\n")
    sys.stdout.write(f"{size:.1f} MB of {settings.limits.answer_cache_mb:,} MB; safe to delete\n")
    return 0
