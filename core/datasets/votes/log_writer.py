"""Writes Runoff's own log: a first line with the systems, one line per entry with its hash, an end line.

Every line is canonical JSON (core/domain/canonical.py) and a line feed. The end line holds the number of entries, the
hash of the last one and the SHA-256 of every byte before it, so that a file cut short is not taken for a whole one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from core.datasets.votes.formats import LOG_FORMAT
from core.domain.canonical import Json, canonical_json
from core.domain.vote_log import GENESIS, Act, LogEntry, body, chained
from core.domain.voting import Vote

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """``head``: hash of the last entry. ``sha256``: of every byte before the end line."""

    entries: int
    head: str
    sha256: str


def write_log(stream: BinaryIO, entries: Iterable[LogEntry], systems: Mapping[str, str]) -> Written:
    """Write a whole log. ``systems``: fingerprint to specification of those that occur.

    The entries' own hashes are written, not new ones: a log that was tampered with stays recognisable.
    """
    total = hashlib.sha256()
    count, head = 0, GENESIS
    for line in _lines(entries, systems):
        stream.write(line.data)
        total.update(line.data)
        count, head = line.number, line.hash
    end: dict[str, Json] = {"end": LOG_FORMAT, "entries": count, "head": head, "sha256": total.hexdigest()}
    stream.write(_line(end))
    return Written(entries=count, head=head, sha256=total.hexdigest())


def chain(entries: Iterable[Vote | Act]) -> Iterator[LogEntry]:
    """Entries numbered and hashed as the beginning of a log."""
    head = GENESIS
    for number, entry in enumerate(entries, start=1):
        head = chained(head, entry)
        yield LogEntry(number=number, entry=entry, hash=head)


@dataclass(frozen=True, slots=True)
class _Line:
    data: bytes
    number: int
    hash: str


def _lines(entries: Iterable[LogEntry], systems: Mapping[str, str]) -> Iterator[_Line]:
    yield _Line(_line({"format": LOG_FORMAT, "systems": dict(systems), "version": VERSION}), 0, GENESIS)
    for number, entry in enumerate(entries, start=1):
        yield _Line(_line({**body(entry.entry), "hash": entry.hash}), number, entry.hash)


def _line(values: Mapping[str, Json]) -> bytes:
    return canonical_json(values).encode("utf-8") + b"\n"
