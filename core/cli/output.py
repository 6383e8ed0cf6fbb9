"""Writing tables, JSON and progress."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from core.bootstrap import App, start
from core.domain.canonical import Json, finite
from core.settings import load_settings


@contextmanager
def running_app(strategies: Sequence[Path] = ()) -> Iterator[App]:
    """The application for one command, with these strategy files loaded; the engine process goes with it."""
    settings = load_settings()
    app = start(replace(settings, strategies=(*settings.strategies, *(path.resolve() for path in strategies))))
    try:
        yield app
    finally:
        app.close()


def write_json(value: object) -> None:
    """One JSON document on stdout; null for a number that JSON does not have."""
    plain = finite(cast(Json, value))
    sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False, sort_keys=False, allow_nan=False) + "\n")


def write_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns on stdout; columns of numbers to the right."""
    widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(header))]
    numeric = [all(_is_number(row[column]) for row in rows) for column in range(len(header))]
    for line in (header, *rows):
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


class ProgressLine:
    """One line on stderr, rewritten on a terminal and printed every few seconds elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._next = 0.0

    def show(self, text: str) -> None:
        """Show ``text`` unless something was shown a moment ago."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.2 if self._terminal else 5.0)
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()

    def end(self, text: str) -> None:
        """The last word."""
        sys.stderr.write(f"\r\x1b[K{text}\n" if self._terminal else f"{text}\n")
        sys.stderr.flush()


def _is_number(cell: str) -> bool:
    try:
        float(cell.rstrip("%"))
    except ValueError:
        return cell in ("", "-")
    return True
