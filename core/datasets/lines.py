"""Lines of a text file to import: strict UTF-8, numbered, bounded, every fault named with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

MAX_LINE_BYTES = 16 * 2**20  # bounds memory when a file has no line breaks
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(path: Path, name: str, meter: Meter) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of every line without its break; a leading byte order mark is dropped.

    ``name`` is what errors call the file. ImportFormatError: unreadable, not UTF-8, or a line over 16 MB.
    """
    number = 0
    try:
        with path.open("rb") as file:
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                meter.advance(len(raw))
                if len(raw) > MAX_LINE_BYTES:
                    raise ImportFormatError(name, f"longer than {MAX_LINE_BYTES:,} bytes.", line=number)
                yield number, _decode(raw, name, number)
    except OSError as error:
        raise ImportFormatError(name, f"cannot be read: {error.strerror}.") from error


def read_objects(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """One row per line of a JSONL file; blank lines are passed over. ImportFormatError for anything but objects."""
    for number, line in read_lines(path, name, meter):
        if line.strip():
            yield Row(file=name, line=number, values=_parse(line, name, number))


def _decode(raw: bytes, name: str, number: int) -> str:
    if number == 1:
        if raw.startswith(UTF16_MARKS):
            raise ImportFormatError(name, "is UTF-16, not UTF-8. Save the file as UTF-8.", line=1)
        raw = raw.removeprefix(UTF8_MARK)
    try:
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode("utf-8")) + 1
        cause = f"not UTF-8 (byte 0x{raw[error.start]:02X}). Save the file as UTF-8."
        raise ImportFormatError(name, cause, line=number, column=str(column)) from error


def _parse(line: str, name: str, number: int) -> dict[str, object]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        cause = f"not valid JSON: {error.msg}."
        raise ImportFormatError(name, cause, line=number, column=str(error.colno)) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise ImportFormatError(name, f"not usable JSON: {error}.", line=number) from error
    if not isinstance(value, dict):
        raise ImportFormatError(name, "every line must be one JSON object {...}.", line=number)
    return value
