"""Objects of a JSON file, an array or one a line, as a stream: battle files with conversations run to gigabytes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from core.datasets.lines import MAX_LINE_BYTES, UTF8_MARK, read_objects
from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

CHUNK_BYTES = 1 << 18
MAX_RECORD_CHARS = MAX_LINE_BYTES
_BLANKS = " \t\r\n"


def read_records(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Every object, its ``line`` where it begins; ImportFormatError for anything else. ``name``: for errors."""
    try:
        with path.open("rb") as file:
            head = file.read(CHUNK_BYTES).removeprefix(UTF8_MARK).lstrip()
            if head.startswith(b"["):
                file.seek(0)
                yield from _Array(file, name, meter).records()
                return
    except OSError as error:
        raise ImportFormatError(name, f"cannot be read: {error.strerror}.") from error
    yield from read_objects(path, name, meter)


class _Array:
    """One JSON array. ``_text`` from ``_at`` on is not consumed yet; ``_line`` is where ``_at`` stands."""

    def __init__(self, file: BinaryIO, name: str, meter: Meter) -> None:
        self._file, self._name, self._meter = file, name, meter
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text, self._at, self._line, self._ended = "", 0, 1, False
        self._chunk = CHUNK_BYTES

    def records(self) -> Iterator[Row]:
        """The objects in order."""
        self._expect("[")
        if self._peek() == "]":
            self._step()
        else:
            number = 0
            while True:
                number += 1
                yield self._record(number)
                if self._expect(",]") == "]":
                    break
        if self._peek():
            raise self._error("nothing may follow the array.")

    def _record(self, number: int) -> Row:
        if self._peek() != "{":
            raise self._error(f"record {number}: every element of the array must be an object {{...}}.")
        line = self._line
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended or len(self._text) - self._at > MAX_RECORD_CHARS:
                    self._move(min(error.pos, len(self._text)))
                    raise self._error(f"record {number}: not valid JSON: {error.msg}.") from error
                self._fill()
            except (ValueError, RecursionError) as error:  # thousands of digits or brackets
                raise self._error(f"record {number}: not usable JSON: {error}.") from error
            else:
                self._move(end)
                self._chunk = CHUNK_BYTES
                return Row(file=f"{self._name}, record {number}", line=line, values=value)

    def _expect(self, allowed: str) -> str:
        found = self._peek()
        if not found or found not in allowed:
            wanted = " or ".join(repr(character) for character in allowed)
            raise self._error(f"expected {wanted}, found {repr(found) if found else 'the end of the file'}.")
        self._step()
        return found

    def _peek(self) -> str:
        """The next character that is no blank, empty at the end."""
        while True:
            end = self._at
            while end < len(self._text) and self._text[end] in _BLANKS:
                end += 1
            self._move(end)
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill()

    def _step(self) -> None:
        self._move(self._at + 1)

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _fill(self) -> None:
        """Read on, twice as much as the last time while one record does not fit."""
        raw = self._file.read(self._chunk)
        self._chunk *= 2
        self._meter.advance(len(raw))
        self._ended = not raw
        try:
            added = self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as error:
            before = self._text.count("\n", self._at) + error.object[: error.start].count(b"\n")
            cause = f"not UTF-8 (byte 0x{error.object[error.start]:02X}). Save the file as UTF-8."
            raise ImportFormatError(self._name, cause, line=self._line + before) from error
        self._text, self._at = self._text[self._at :] + added, 0

    def _error(self, cause: str) -> ImportFormatError:
        return ImportFormatError(self._name, cause, line=self._line)
