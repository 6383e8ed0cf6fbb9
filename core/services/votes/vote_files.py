"""Votes between files and the store: import all or none, export what a format can hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import BinaryIO

from core.datasets.votes.cast_row import CastRow, as_vote
from core.datasets.votes.contents import cast_rows, silent_meter
from core.datasets.votes.formats import VoteFormat, guess_format
from core.datasets.votes.lmsys import write_lmsys
from core.datasets.votes.log_reader import LogReader, open_log
from core.datasets.votes.log_writer import write_log
from core.datasets.votes.notes import RowNotes
from core.datasets.votes.table import write_csv
from core.domain.comparisons import FOREIGN
from core.domain.errors import InvalidInputError
from core.domain.ports import Store
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter
from core.domain.voting import Vote, VoterKind
from core.services.votes.counted_rows import CountedRows

MAX_NAME_CHARS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """``entries`` in the file, of which ``added`` were new here and ``already`` were known.

    ``source``: the collection that boards list the votes under, empty for an own log (its votes keep their own).
    ``notes``: what was odd but imported, as sentences.
    """

    format: VoteFormat
    entries: int
    added: int
    already: int
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """``rows`` written: entries of the log, or compared pairs. ``notes``: what the format could not hold."""

    format: VoteFormat
    rows: int
    notes: tuple[str, ...]


class VoteFileService:
    """Import and export. Both ask for a researcher."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def export(
        self,
        actor: Actor,
        format: VoteFormat,
        stream: BinaryIO,
        *,
        collection: str = "",
        kind: VoterKind | None = None,
    ) -> ExportReport:
        """Write to ``stream``. RUNOFF: the whole log; InvalidInputError where ``collection`` or ``kind`` is given.

        Others: the votes that boards count, of one ``collection`` (fingerprint or "votes:name"; empty: the only one
        with votes). LMSYS cannot say the kind of a voter, so ``kind`` is needed where there are several.
        """
        actor.must_be(Role.RESEARCHER, "export votes")
        if format is VoteFormat.RUNOFF:
            if collection or kind is not None:
                raise InvalidInputError("The log is exported whole: a part of it has no chain. Choose LMSYS or CSV.")
            return self._export_log(stream)
        rows = CountedRows(self._store, format, collection=self._one(format, collection, kind), kind=kind)
        write = write_lmsys if format is VoteFormat.LMSYS else write_csv
        written = write(stream, rows)
        return ExportReport(format=format, rows=written, notes=rows.notes())

    def import_(
        self,
        actor: Actor,
        source: Path | bytes,
        name: str,
        *,
        format: VoteFormat | None = None,
        columns: str = "",
        kind: VoterKind = VoterKind.PERSON,
        file_name: str = "",
    ) -> ImportReport:
        """Add the votes of a file, all or none; importing twice adds nothing, a file that has grown what is new.

        ``name``: foreign votes (LMSYS, CSV) are listed as "votes:name"; empty: the file's name without its ending.
        ``format`` None: guessed. ``columns``: "a=left,b=right,winner=winner,voter=worker,query=prompt", only for CSV.
        ``kind``: of the voters, where the file does not say. ``file_name``: what errors call the file, and its
        ending for guessing, where ``source`` is bytes. ImportFormatError with file, line and column.
        """
        actor.must_be(Role.RESEARCHER, "import votes")
        called = file_name or (source.name if isinstance(source, Path) else "file of votes")
        with _on_disk(source) as path:
            found = format or guess_format(path, called)
            if columns and found is not VoteFormat.CSV:
                raise InvalidInputError(f"Columns are named only for CSV; {called} is read as {found}.")
            if found is VoteFormat.RUNOFF:
                return self._import_log(path, called)
            notes = RowNotes()
            rows = cast_rows(path, called, found, columns, silent_meter(), notes)
            return self._import_rows(rows, notes, found, source_name(name or PurePath(called).stem), kind)

    def _export_log(self, stream: BinaryIO) -> ExportReport:
        """Two readings: which systems occur, then as many entries; what comes in between is for the next export."""
        occurring: set[str] = set()
        count = 0
        for entry in self._store.log():
            count = entry.number
            if isinstance(entry.entry, Vote):
                occurring.update(entry.entry.slots)
        names = {system: spec for system, spec in self._store.system_specs().items() if system in occurring}
        written = write_log(stream, islice(self._store.log(), count), names)
        return ExportReport(format=VoteFormat.RUNOFF, rows=written.entries, notes=())

    def _one(self, format: VoteFormat, collection: str, kind: VoterKind | None) -> str:
        """The collection whose votes are written; InvalidInputError where there are several, or none."""
        found = {
            source.collection: [str(of) for of, count in source.counts.items() if count and of is (kind or of)]
            for source in self._store.vote_sources()
            if source.collection == (collection or source.collection)
        }
        found = {source: kinds for source, kinds in found.items() if kinds}
        if not found:
            raise InvalidInputError("There are no such votes to export.")
        if len(found) > 1:
            raise InvalidInputError(f"There are votes on several collections; choose one: {', '.join(sorted(found))}.")
        source, kinds = next(iter(found.items()))
        if format is VoteFormat.LMSYS and len(kinds) > 1:
            raise InvalidInputError(f"{format} cannot say the kind of a voter; choose one: {', '.join(sorted(kinds))}.")
        return source

    def _import_log(self, path: Path, called: str) -> ImportReport:
        with open_log(path, called) as stream:
            reader = LogReader(stream, called)
            added, already = self._store.import_log((entry.entry for entry in reader), reader.systems)
        entries = added + already
        return ImportReport(
            format=VoteFormat.RUNOFF, entries=entries, added=added, already=already, source="", notes=()
        )

    def _import_rows(
        self, rows: Iterator[CastRow], notes: RowNotes, format: VoteFormat, source: str, kind: VoterKind
    ) -> ImportReport:
        now = datetime.now(UTC)
        votes = (as_vote(row, source, kind=kind, now=now) for row in rows)
        added, already = self._store.import_log(self._of_one_file(votes, source), {})
        said = notes.sentences()
        if notes.untimed:
            said = (*said, "Votes without a time carry that of the import.")
        return ImportReport(
            format=format, entries=notes.rows, added=added, already=already, source=FOREIGN + source, notes=said
        )

    def _of_one_file(self, votes: Iterator[Vote], source: str) -> Iterator[Vote]:
        """``votes``; InvalidInputError where the name has votes and the first of these is none of them: the same
        file read with other columns would count twice."""
        first = next(votes, None)
        if first is None:
            return votes
        known = any(known.collection == FOREIGN + source for known in self._store.vote_sources())
        if known and not self._store.find_votes(VoteFilter(battle=first.battle), limit=1).total:
            raise InvalidInputError(
                f"There are votes under the name {source!r} already, and those of this file are others, or read "
                "with other columns. Give these another name; a file that has grown at its end goes by its old one."
            )
        return chain([first], votes)


def source_name(name: str) -> str:
    """The name of a foreign log; InvalidInputError where it is empty, long or holds what cannot be shown."""
    clean = name.strip()
    if not clean or len(clean) > MAX_NAME_CHARS or not clean.isprintable():
        raise InvalidInputError(f"Name the votes with 1 to {MAX_NAME_CHARS} printable characters, not {name[:60]!r}.")
    return clean


@contextmanager
def _on_disk(source: Path | bytes) -> Iterator[Path]:
    """The file, or a temporary one that holds the bytes; readers stream from disk."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "votes"
        path.write_bytes(source)
        yield path
