"""Frozen dataclasses to plain JSON values and back, driven by their type hints.

Hand-written because the domain must stay free of a serialisation library and the wire of pickle: a
record becomes an object of its fields, a union of records carries the class name under "$", tuples
become lists, and documents, which many lists of one message share, travel once in a table.
A mapping from texts becomes an object, a moment its ISO form. Decoding is strict: a missing, unknown or wrongly
typed field is an error. Used on the wire to the engine and in files that hold records.
"""

# ruff: noqa: ANN401  (a codec handles values of every type)
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from core.domain.canonical import Json
from core.domain.documents import Document

TAG = "$"
T = TypeVar("T")


class CodecError(ValueError):
    """A value does not fit its declared type."""


@dataclass(slots=True)
class DocumentTable:
    """The documents of one message, each once; ``rows`` is what travels."""

    rows: list[list[str]] = field(default_factory=list)
    index: dict[Document, int] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)

    @classmethod
    def of_rows(cls, rows: Any) -> DocumentTable:
        """The table at the receiving end; CodecError where a row is not three texts."""
        if not isinstance(rows, list) or not all(
            isinstance(row, list) and len(row) == 3 and all(isinstance(text, str) for text in row) for row in rows
        ):
            raise CodecError("the document table must be rows of id, text and title")
        return cls(rows=rows, documents=[Document(id=row[0], text=row[1], title=row[2]) for row in rows])

    def add(self, document: Document) -> int:
        """Row of ``document``, new or known."""
        if document not in self.index:
            self.index[document] = len(self.rows)
            self.rows.append([document.id, document.text, document.title])
        return self.index[document]

    def at(self, row: Any) -> Document:
        """The document of a row; CodecError where there is no such row."""
        if not isinstance(row, int) or not 0 <= row < len(self.documents):
            raise CodecError(f"no document {row!r} in a table of {len(self.documents)}")
        return self.documents[row]


@dataclass(frozen=True, slots=True)
class Coder:
    """Both directions for one type."""

    encode: Callable[[Any, DocumentTable], Json]
    decode: Callable[[Any, DocumentTable], Any]


@cache
def coder(hint: Any) -> Coder:
    """The coder of a type hint; CodecError for a type that must not travel."""
    by_origin = {
        Union: _union,
        UnionType: _union,
        tuple: _tuple,
        frozenset: _frozenset,
        Literal: _literal,
        Mapping: _mapping,
    }
    origin = get_origin(hint)
    if origin in by_origin:
        return by_origin[origin](get_args(hint))
    if hint in _PLAIN:
        return _PLAIN[hint]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Coder(lambda value, _table: value.value, lambda data, _table: hint(data))
    raise CodecError(f"values of type {hint!r} must not travel")


def _checked(*kinds: type) -> Callable[[Any, DocumentTable], Any]:
    def check(value: Any, _table: DocumentTable) -> Any:
        if type(value) not in kinds:
            raise CodecError(f"{kinds[0].__name__} wanted, {type(value).__name__} given")
        return value

    return check


def _int(value: Any, table: DocumentTable) -> int:
    """Of at most 64 bits, which every library takes."""
    found: int = _checked(int)(value, table)
    if not -(2**63) <= found < 2**64:
        raise CodecError("the number has more than 64 bits")
    return found


def _any_float(value: Any, _table: DocumentTable) -> float:
    """What a sender calls a float, such as one of numpy's."""
    if isinstance(value, bool | str):
        raise CodecError(f"float wanted, {type(value).__name__} given")
    return float(value)


def _float(value: Any, _table: DocumentTable) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CodecError(f"float wanted, {type(value).__name__} given")
    try:
        return float(value)
    except OverflowError as error:
        raise CodecError("the number is too large for a float") from error


def _moment(data: Any, _table: DocumentTable) -> datetime:
    try:
        found = datetime.fromisoformat(data)
    except (TypeError, ValueError) as error:
        raise CodecError(f"{data!r} is no moment in ISO form") from error
    if found.tzinfo is None:
        raise CodecError(f"{data!r} has no time zone")
    return found


_PLAIN: dict[Any, Coder] = {
    str: Coder(_checked(str), _checked(str)),
    int: Coder(_checked(int), _int),
    bool: Coder(_checked(bool), _checked(bool)),
    float: Coder(_any_float, _float),
    NoneType: Coder(_checked(NoneType), _checked(NoneType)),
    datetime: Coder(lambda value, _table: value.isoformat(), _moment),
    Path: Coder(lambda value, _table: str(value), lambda data, table: Path(_checked(str)(data, table))),
    Document: Coder(lambda value, table: table.add(value), lambda data, table: table.at(data)),
}


def _record(cls: type) -> Coder:
    @cache
    def plan() -> dict[str, Coder]:  # on first use, so that a type may contain itself
        hints = get_type_hints(cls)
        return {item.name: coder(hints[item.name]) for item in dataclasses.fields(cls)}

    def encode(value: Any, table: DocumentTable) -> Json:
        if type(value) is not cls:
            raise CodecError(f"{cls.__name__} wanted, {type(value).__name__} given")
        return {name: part.encode(getattr(value, name), table) for name, part in plan().items()}

    def decode(data: Any, table: DocumentTable) -> Any:
        parts = plan()
        if not isinstance(data, dict) or data.keys() - {TAG} != parts.keys():
            raise CodecError(f"{cls.__name__} needs the fields {sorted(parts)}")
        return cls(**{name: part.decode(data[name], table) for name, part in parts.items()})

    return Coder(encode, decode)


def _tuple(parts: tuple[Any, ...]) -> Coder:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return _sequence(parts[0], tuple)
    coders = [coder(part) for part in parts]

    def encode(value: Any, table: DocumentTable) -> Json:
        return [part.encode(item, table) for part, item in zip(coders, value, strict=True)]

    def decode(data: Any, table: DocumentTable) -> Any:
        if not isinstance(data, list) or len(data) != len(coders):
            raise CodecError(f"a list of {len(coders)} wanted")
        return tuple(part.decode(item, table) for part, item in zip(coders, data, strict=True))

    return Coder(encode, decode)


def _mapping(parts: tuple[Any, ...]) -> Coder:
    if parts[0] is not str:
        raise CodecError(f"a mapping from {parts[0]!r} must not travel; only texts may be its keys")

    @cache
    def item() -> Coder:
        return coder(parts[1])

    def decode(data: Any, table: DocumentTable) -> Any:
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise CodecError(f"an object wanted, {type(data).__name__} given")
        return {key: item().decode(value, table) for key, value in data.items()}

    return Coder(lambda value, table: {key: item().encode(one, table) for key, one in value.items()}, decode)


def _frozenset(parts: tuple[Any, ...]) -> Coder:
    inner = _sequence(parts[0], frozenset)
    return Coder(lambda value, table: inner.encode(sorted(value), table), inner.decode)


def _sequence(part: Any, make: Callable[[Any], Any]) -> Coder:
    @cache
    def item() -> Coder:
        return coder(part)

    def decode(data: Any, table: DocumentTable) -> Any:
        if not isinstance(data, list):
            raise CodecError(f"a list wanted, {type(data).__name__} given")
        inner = item().decode
        return make(inner(value, table) for value in data)

    return Coder(lambda values, table: [item().encode(value, table) for value in values], decode)


def _literal(allowed: tuple[Any, ...]) -> Coder:
    def check(value: Any, _table: DocumentTable) -> Any:
        if value not in allowed:
            raise CodecError(f"one of {allowed} wanted, {value!r} given")
        return value

    return Coder(check, check)


def _union(members: tuple[Any, ...]) -> Coder:
    records: dict[str, Any] = {m.__name__: m for m in members if isinstance(m, type) and dataclasses.is_dataclass(m)}
    others = [member for member in members if member is not NoneType]
    if len(records) > 1 and len(records) == len(members):
        return _tagged(records)
    if len(others) == 1 and len(members) == 2:
        return _optional(others[0])
    if set(members) <= {str, int, float, bool, NoneType}:
        return Coder(_checked(*members), _checked(*members))
    raise CodecError(f"a union of {members} is ambiguous on the wire")


def _optional(hint: Any) -> Coder:
    inner = coder(hint)
    return Coder(
        lambda value, table: None if value is None else inner.encode(value, table),
        lambda data, table: None if data is None else inner.decode(data, table),
    )


def _tagged(records: dict[str, Any]) -> Coder:
    def encode(value: Any, table: DocumentTable) -> Json:
        name = type(value).__name__
        if name not in records:
            raise CodecError(f"{name} is none of {sorted(records)}")
        fields = coder(records[name]).encode(value, table)
        return {TAG: name, **fields} if isinstance(fields, dict) else fields

    def decode(data: Any, table: DocumentTable) -> Any:
        name = data.get(TAG) if isinstance(data, dict) else None
        if not isinstance(name, str) or name not in records:
            raise CodecError(f"a record of kind {name!r} is none of {sorted(records)}")
        return coder(records[name]).decode(data, table)

    return Coder(encode, decode)


def to_json(value: Any) -> Json:
    """A record without documents in it as plain JSON values. CodecError for what must not travel."""
    hint: Any = type(value)
    return coder(hint).encode(value, DocumentTable())


def from_json(kind: type[T], data: Any) -> T:
    """The record of type ``kind`` that ``to_json`` wrote. CodecError where the values do not fit."""
    hint: Any = kind
    made: T = coder(hint).decode(data, DocumentTable())
    return made
