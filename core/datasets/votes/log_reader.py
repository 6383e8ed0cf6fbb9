"""Reads Runoff's own log and believes nothing: spelling, chain, end line; one changed byte is an error with its line.

Every line must be the canonical JSON of what it holds, so that a blank added somewhere is a changed byte too. The
hash of an entry is that of core/domain/vote_log.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from core.datasets.lines import MAX_LINE_BYTES
from core.datasets.votes.formats import LOG_FORMAT
from core.datasets.votes.log_entry import EntryError, parse_entry
from core.datasets.votes.log_writer import VERSION
from core.domain.canonical import Json, canonical_json
from core.domain.errors import ImportFormatError
from core.domain.vote_log import GENESIS, Act, ActKind, LogEntry
from core.domain.voting import Verdict, Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteLog:
    """A whole log that holds together. ``systems``: fingerprint to specification."""

    entries: tuple[Vote | Act, ...]
    systems: Mapping[str, str]
    head: str
    sha256: str


def read_log(source: Path | BinaryIO, *, name: str = "") -> VoteLog:
    """A whole log in memory; ImportFormatError names the first line that is not as it was written."""
    if isinstance(source, Path):
        with open_log(source, name or source.name) as stream:
            return read_log(stream, name=name or source.name)
    reader = LogReader(source, name or "log")
    entries = tuple(entry.entry for entry in reader)
    return VoteLog(entries=entries, systems=reader.systems, head=reader.head, sha256=reader.sha256)


def open_log(path: Path, name: str) -> BinaryIO:
    """The file's bytes; ImportFormatError where it cannot be opened."""
    try:
        return path.open("rb")
    except OSError as error:
        raise ImportFormatError(name, f"cannot be read: {error.strerror}.") from error


class LogReader:
    """The entries of one stream, once; ``vote_ids`` (battle to number of its vote) and ``head`` grow on the way.

    The stream is not to be trusted before the iteration has ended without an error: the end line comes last.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._line = 0
        self._total = hashlib.sha256()
        self.head = GENESIS
        self.sha256 = ""
        self.vote_ids: dict[str, int] = {}
        self._ordered: set[str] = set()
        self.systems = self._header()

    def __iter__(self) -> Iterator[LogEntry]:
        number = 0
        while True:
            before = self._total.hexdigest()
            text, values = self._next()
            if "end" in values:
                self._end(values, number, before)
                return
            number += 1
            yield self._entry(number, text, values)

    def _header(self) -> Mapping[str, str]:
        _, values = self._next()
        if values.get("format") != LOG_FORMAT:
            self._fail(f'the first line must begin {{"format":"{LOG_FORMAT}"; this is no log of votes.')
        if values.get("version") != VERSION or type(values["version"]) is not int:
            self._fail(f"has version {values.get('version')!r}; this program reads version {VERSION}.", "version")
        systems = values.get("systems")
        if not isinstance(systems, dict) or not all(isinstance(spec, str) for spec in systems.values()):
            self._fail("must name the systems: fingerprint to specification.", "systems")
        if further := sorted(set(values) - {"format", "version", "systems"}):
            self._fail("means nothing here.", further[0])
        return systems

    def _entry(self, number: int, text: str, values: dict[str, Json]) -> LogEntry:
        given = values.pop("hash", None)
        try:
            entry = parse_entry(values, vote_id=len(self.vote_ids) + 1)
        except EntryError as error:
            self._fail(error.cause, error.field or None)
        self._place(entry)
        hashed = text.replace(f',"hash":{canonical_json(given)}', "", 1)
        expected = hashlib.sha256(f"{self.head}\n{hashed}".encode()).hexdigest()
        if given != expected:
            cause = f"the chain is broken: hash {given!r} was expected to be {expected!r}. An entry was changed, moved"
            self._fail(f"{cause}, added or left out here or just before.", "hash")
        self.head = expected
        return LogEntry(number=number, entry=entry, hash=expected)

    def _place(self, entry: Vote | Act) -> None:
        """A battle has one vote; an act comes after the vote it is about."""
        if isinstance(entry, Vote):
            if self.vote_ids.setdefault(entry.battle, entry.id) != entry.id:
                self._fail(f"battle {entry.battle!r} has its vote already.", "battle")
            if entry.verdict is Verdict.ORDERED:
                self._ordered.add(entry.battle)
        elif entry.battle and entry.battle not in self.vote_ids:
            self._fail(f"battle {entry.battle!r} has no vote before this line.", "battle")
        elif entry.kind is ActKind.CORRECT and entry.battle in self._ordered:
            self._fail("the vote is an order of several systems, which cannot be corrected.", "battle")

    def _end(self, values: Mapping[str, Json], entries: int, sha256: str) -> None:
        expected: dict[str, Json] = {"end": LOG_FORMAT, "entries": entries, "head": self.head, "sha256": sha256}
        if further := sorted(set(values) - set(expected)):
            self._fail("means nothing here.", further[0])
        for field, value in expected.items():
            if values.get(field) != value or type(values[field]) is not type(value):
                self._fail(f"expected {value!r}, found {values.get(field)!r}.", field)
        if self._stream.read(1):
            self._line += 1
            self._fail("nothing may follow the end line.")
        self.sha256 = sha256

    def _next(self) -> tuple[str, dict[str, Json]]:
        """The next line as text without its line feed, and what it holds."""
        try:
            raw = self._stream.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise ImportFormatError(self._name, f"cannot be read: {error.strerror}.") from error
        self._line += 1
        if len(raw) > MAX_LINE_BYTES:
            self._fail(f"longer than {MAX_LINE_BYTES:,} bytes.")
        if not raw.endswith(b"\n"):
            self._fail("the file ends before the end line: it was cut off." if not raw else "the line is cut off.")
        self._total.update(raw)
        try:
            text = raw[:-1].decode("utf-8")
            values = json.loads(text, parse_constant=_refuse)
            written = canonical_json(values)
        except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, NaN, thousands of digits or brackets
            self._fail(f"not a line of this format: {error}.")
        if not isinstance(values, dict):
            self._fail("every line must be one JSON object {...}.")
        if written != text:
            self._fail(f"not spelled as this format spells it: {_first_difference(text, written)}.")
        return text, values

    def _fail(self, cause: str, field: str | None = None) -> NoReturn:
        raise ImportFormatError(self._name, cause, line=self._line, column=field)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _first_difference(text: str, written: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(text, written, strict=False)) if a != b), min(len(text), len(written)))
    return f"at character {at + 1} {text[at : at + 20]!r} was expected to be {written[at : at + 20]!r}"
