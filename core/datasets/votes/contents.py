"""What a file of votes holds, of whichever format: columns for ratings, decisions, names. One reading, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.datasets.meter import Meter
from core.datasets.votes.cast_row import CastRow
from core.datasets.votes.columns import ColumnBuilder
from core.datasets.votes.csv_columns import parse_columns
from core.datasets.votes.formats import VoteFormat, guess_format
from core.datasets.votes.lmsys import read_lmsys
from core.datasets.votes.log_reader import LogReader, open_log
from core.datasets.votes.notes import RowNotes
from core.datasets.votes.table import read_csv
from core.domain.comparisons import FOREIGN, Comparisons
from core.domain.decisions import Decisions
from core.domain.errors import InvalidInputError
from core.domain.vote_log import Decision
from core.domain.voting import Vote, VoterKind

Source = tuple[str, VoterKind]  # collection and kind of voter


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """Of an own log that holds together: number of ``entries``, of which ``votes``; hash of the last entry; SHA-256
    of every byte before the end line."""

    entries: int
    votes: int
    head: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoteFile:
    """``boards``: the rated rows of each collection and kind of voter, whatever was decided about them later.

    ``names``: fingerprint to specification; systems that are not in it are called as they are. ``categories``: of
    each query. ``timed``: whether every vote has its time. ``notes``: what was odd, in sentences. ``log``: only of
    an own log.
    """

    format: VoteFormat
    name: str
    boards: Mapping[Source, Comparisons]
    decisions: Decisions
    names: Mapping[str, str]
    categories: Mapping[str, str]
    timed: bool
    notes: tuple[str, ...]
    log: LogState | None


def read_votes(
    path: Path,
    *,
    name: str = "",
    format: VoteFormat | None = None,
    columns: str = "",
    kind: VoterKind = VoterKind.PERSON,
) -> VoteFile:
    """Read a whole file. ``name``: what errors call it. ``format`` None: guessed. ``columns``: only for CSV.

    ``kind``: of the voters, where the file does not say. ImportFormatError names file, line and column.
    """
    name = name or path.name
    found = format or guess_format(path, name)
    if columns and found is not VoteFormat.CSV:
        raise InvalidInputError(f"Columns are named only for CSV; {name} is read as {found}.")
    if found is VoteFormat.RUNOFF:
        return _read_log(path, name)
    return _read_rows(path, name, found, columns, kind)


def cast_rows(
    path: Path, name: str, format: VoteFormat, columns: str, meter: Meter, notes: RowNotes
) -> Iterator[CastRow]:
    """The votes of a file of LMSYS or CSV as a stream; ``notes`` hears of each."""
    if format is VoteFormat.LMSYS:
        rows = read_lmsys(path, name, meter, notes.ignored)
    else:
        rows = read_csv(path, name, meter, parse_columns(columns), notes.ignored)
    for row in rows:
        notes.add(row)
        yield row


def _read_log(path: Path, name: str) -> VoteFile:
    boards: defaultdict[Source, ColumnBuilder] = defaultdict(ColumnBuilder)
    decisions: list[Decision] = []
    categories: dict[str, str] = {}
    number = 0
    with open_log(path, name) as stream:
        reader = LogReader(stream, name)
        for entry in reader:
            number = entry.number
            if isinstance(entry.entry, Vote):
                vote = entry.entry
                boards[vote.collection, vote.voter_kind].add_vote(vote)
                categories[vote.query_id] = vote.category
            else:
                vote_id = reader.vote_ids.get(entry.entry.battle, 0)
                decisions.append(Decision(number=number, act=entry.entry, vote=vote_id))
    controls = sum(board.controls for board in boards.values())
    return VoteFile(
        format=VoteFormat.RUNOFF,
        name=path.stem,
        boards={source: board.finish() for source, board in boards.items()},
        decisions=Decisions(decisions),
        names=reader.systems,
        categories=categories,
        timed=True,
        notes=(f"{controls:,} hidden controls are not rated.",) if controls else (),
        log=LogState(entries=number, votes=len(reader.vote_ids), head=reader.head, sha256=reader.sha256),
    )


def _read_rows(path: Path, name: str, format: VoteFormat, columns: str, kind: VoterKind) -> VoteFile:
    boards: defaultdict[Source, ColumnBuilder] = defaultdict(ColumnBuilder)
    categories: dict[str, str] = {}
    notes, source = RowNotes(), path.stem
    for row in cast_rows(path, name, format, columns, silent_meter(), notes):
        boards[FOREIGN + source, row.kind or kind].add_row(row, source)
        categories[row.query] = row.category
    return VoteFile(
        format=format,
        name=source,
        boards={board: built.finish() for board, built in boards.items()},
        decisions=Decisions(()),
        names={},
        categories=categories,
        timed=not notes.untimed,
        notes=notes.sentences(),
        log=None,
    )


def silent_meter() -> Meter:
    """Nobody watches and nobody cancels."""
    return Meter(0, lambda _done, _total: None, lambda: False)
