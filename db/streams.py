"""The comparisons of a collection and kind of voter, kept so that a million are read in a moment.

Rows of a million votes take seconds to fetch, most of it spent on making Python objects. So each vote's comparisons
are also packed into bytes, with integers for names, in the vote's own transaction: first as a row of ``stream_rows``;
with every BLOCK-th vote those rows become blocks in ``stream_blocks``, which numpy joins and cuts into columns.
Processor seconds to fetch a million on a busy machine: integer columns 4.4, packed bytes row by row 0.8, joined by
the database's ``group_concat`` 0.2 (but it promises no order and no bytes), blocks 0.1 to 0.3.

A stream's names are numbered from 0 as they come and keep their numbers, so what is read later continues what was
read before. Everything here follows from the votes and is checked against them in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from core.domain.comparisons import Comparisons
from core.domain.voting import Vote, VoterKind
from db.packing import ROLES, columns, names_of, pack, unpack
from db.schema import stream_blocks, stream_names, stream_rows, streams

BLOCK = 512

Stream = tuple[str, str]  # collection, kind of voter
Name = tuple[int, str, str]  # stream, role, name
Placed = tuple[int, int, Vote]  # stream, id, vote

_STREAM = select(streams.c.id).where(
    streams.c.collection == bindparam("collection"), streams.c.voter_kind == bindparam("kind")
)
_POSITION = select(stream_names.c.position).where(
    stream_names.c.stream == bindparam("stream"),
    stream_names.c.role == bindparam("role"),
    stream_names.c.name == bindparam("name"),
)
_NEXT = select(func.coalesce(func.max(stream_names.c.position) + 1, 0)).where(
    stream_names.c.stream == bindparam("stream"), stream_names.c.role == bindparam("role")
)
_PUT_ROW = insert(stream_rows)
_PUT_NAME = insert(stream_names)
_PUT_STREAM = insert(streams).returning(streams.c.id)


class Numbers:
    """Numbers of streams and names as the process remembers them; with ``committed``, those of one transaction.

    Numbers never change, so what was once committed may be remembered; what a transaction made, only after it.
    """

    def __init__(self, committed: Numbers | None = None) -> None:
        self._streams: dict[Stream, int] = {}
        self._names: dict[Name, int] = {}
        self._counts: dict[int, dict[str, int]] = {}  # names of each role, of streams that were prepared
        self._known_streams: Mapping[Stream, int] = {} if committed is None else committed._streams
        self._known_names: Mapping[Name, int] = {} if committed is None else committed._names

    def stream(self, connection: Connection, collection: str, kind: VoterKind) -> int:
        """Number of a stream, made on first sight."""
        key = (collection, str(kind))
        known = self._streams.get(key) or self._known_streams.get(key)
        if known is None:
            known = connection.execute(_STREAM, {"collection": key[0], "kind": key[1]}).scalar_one_or_none()
            if known is None:
                known = int(connection.execute(_PUT_STREAM, {"collection": key[0], "voter_kind": key[1]}).scalar_one())
            self._streams[key] = known
        return known

    def within(self, connection: Connection, stream: int) -> Callable[[str, str], int]:
        """The number of a name of a stream by (role, name), made on first sight."""

        def position(role: str, name: str) -> int:
            key = (stream, role, name)
            known = self._names.get(key, self._known_names.get(key))
            if known is None:
                known = self._names[key] = _number(connection, stream, role, name)
            return known

        return position

    def prepare(self, connection: Connection, stream: int, wanted: Iterable[tuple[str, str]]) -> None:
        """Number many (role, name) at once."""
        if stream not in self._counts:
            here = _names(connection, stream)
            for role, names in here.items():
                self._names.update({(stream, role, name): position for position, name in enumerate(names)})
            self._counts[stream] = {role: len(names) for role, names in here.items()}
        counts, made = self._counts[stream], []
        for role, name in wanted:
            if (stream, role, name) not in self._names:
                made.append({"stream": stream, "role": role, "position": counts[role], "name": name})
                self._names[stream, role, name] = counts[role]
                counts[role] += 1
        if made:
            connection.execute(_PUT_NAME, made)

    def learn(self, transaction: Numbers) -> None:
        """Remember what a transaction used, after its commit."""
        self._streams.update(transaction._streams)
        self._names.update(transaction._names)


def _number(connection: Connection, stream: int, role: str, name: str) -> int:
    given = {"stream": stream, "role": role, "name": name}
    known: int | None = connection.execute(_POSITION, given).scalar_one_or_none()
    if known is None:
        known = int(connection.execute(_NEXT, given).scalar_one())
        connection.execute(_PUT_NAME, {**given, "position": known})
    return known


def put_votes(connection: Connection, given: Sequence[Placed], numbers: Numbers) -> None:
    """Votes by rising id, newer than what is there; as rows, which every BLOCK-th vote turns into blocks."""
    rows = []
    for stream, id, vote in given:
        packed = pack(vote, id, numbers.within(connection, stream))
        if packed:
            rows.append({"stream": stream, "vote": id, "packed": packed})
    if rows:
        connection.execute(_PUT_ROW, rows)
    if given and given[0][1] // BLOCK != (given[-1][1] + 1) // BLOCK:
        seal(connection)


def put_blocks(connection: Connection, given: Sequence[Placed], numbers: Numbers) -> None:
    """The same for many: their names numbered at once, and straight into blocks."""
    seal(connection)
    for stream in dict.fromkeys(stream for stream, _, _ in given):
        votes = [(id, vote) for its, id, vote in given if its == stream]
        numbers.prepare(connection, stream, dict.fromkeys(name for _, vote in votes for name in names_of(vote)))
        position = numbers.within(connection, stream)
        packed = [(id, pack(vote, id, position)) for id, vote in votes]
        _put_blocks(connection, stream, [(id, rows) for id, rows in packed if rows])


def seal(connection: Connection) -> None:
    """Turn single rows into blocks."""
    ordered = select(stream_rows).order_by(stream_rows.c.stream, stream_rows.c.vote)
    found = connection.execute(ordered).all()
    for stream, rows in groupby(found, key=lambda row: int(row.stream)):
        _put_blocks(connection, stream, [(row.vote, row.packed) for row in rows])
    if found:
        connection.execute(delete(stream_rows))


def read(connection: Connection, collection: str, kind: VoterKind, after: int) -> Comparisons:
    """All comparisons of votes with an id above ``after``; call it in one snapshot."""
    stream = connection.execute(_STREAM, {"collection": collection, "kind": str(kind)}).scalar_one_or_none() or 0
    parts = _packed(connection, stream, after)
    rows = unpack(b"".join(parts))
    if after:
        rows = rows[np.searchsorted(rows["vote"], after, "right") :]
    return columns(rows, _names(connection, stream))


def _packed(connection: Connection, stream: int, after: int) -> list[bytes]:
    blocks = select(stream_blocks.c.packed).where(stream_blocks.c.stream == stream, stream_blocks.c.last > after)
    single = select(stream_rows.c.packed).where(stream_rows.c.stream == stream, stream_rows.c.vote > after)
    return [
        *connection.execute(blocks.order_by(stream_blocks.c.last)).scalars(),
        *connection.execute(single.order_by(stream_rows.c.vote)).scalars(),
    ]


def _names(connection: Connection, stream: int) -> Mapping[str, tuple[str, ...]]:
    """Names of each role by position."""
    wanted = (
        select(stream_names.c.role, stream_names.c.name)
        .where(stream_names.c.stream == stream)
        .order_by(stream_names.c.role, stream_names.c.position)
    )
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    for role, name in connection.execute(wanted):
        found[role].append(name)
    return {role: tuple(names) for role, names in found.items()}


def _put_blocks(connection: Connection, stream: int, rows: Sequence[tuple[int, bytes]]) -> None:
    blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
    packed = [
        {"stream": stream, "last": block[-1][0], "packed": b"".join(part for _, part in block)} for block in blocks
    ]
    if packed:
        connection.execute(insert(stream_blocks), packed)
