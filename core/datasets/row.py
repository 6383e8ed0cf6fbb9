"""One record of a file to import, with typed access to its fields and errors that name the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.documents import Document
from core.domain.errors import ImportFormatError

MAX_GRADE = 1000
MAX_ID_CHARS = 500
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``values`` by field name, as parsed; ``line`` is where the record begins, counted from 1 in ``unit``."""

    file: str
    line: int
    values: Mapping[str, object]
    unit: str = "line"

    def error(self, cause: str, field: str | None = None) -> ImportFormatError:
        """An error at this row, and at ``field`` of it."""
        return ImportFormatError(self.file, cause, line=self.line, column=field, unit=self.unit)

    def has(self, field: str) -> bool:
        """Whether the field is there and neither null nor an empty text."""
        return self.values.get(field) not in (None, "")

    def text(self, field: str) -> str:
        """A text that must be there; it may be empty."""
        if self.values.get(field) is None:
            raise self.error("is missing; a text is needed.", field)
        return self.optional_text(field)

    def optional_text(self, field: str) -> str:
        """A text, empty where the field is missing or null."""
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.error(f"must be a text, not {_kind(value)}.", field)
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.error("holds half of a surrogate pair, which is not a character.", field) from error
        return value

    def filled_text(self, field: str) -> str:
        """A text that must be there and hold more than blanks."""
        value = self.text(field)
        if not value.strip():
            raise self.error("is empty; a text is needed.", field)
        return value

    def identifier(self, field: str) -> str:
        """An id: a text that is not blank, or a whole number, which becomes text."""
        value = self.values.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) >= 10**18:
                raise self.error("is too large for a number; write the id as a text.", field)
            return str(value)
        text = self.filled_text(field)
        if len(text) > MAX_ID_CHARS:
            raise self.error(f"has {len(text)} characters; an id may have {MAX_ID_CHARS}.", field)
        return text

    def optional_whole(self, field: str, *, least: int, most: int) -> int | None:
        """A whole number from ``least`` to ``most``, or None where the field is missing, null or empty."""
        if not self.has(field):
            return None
        value = self.values[field]
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            shown = repr(value) if len(repr(value)) <= 40 else repr(value)[:40] + "..."
            raise self.error(f"must be a whole number from {least} to {most}, not {shown}.", field)
        return value

    def check_length(self, document: Document, limit: int) -> None:
        """ImportFormatError where the document has more than ``limit`` characters."""
        if len(document.content) > limit:
            cause = f"document {document.id!r} has {len(document.content):,} characters; at most {limit:,} are allowed."
            raise self.error(cause)


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    names |= {bytes: "bytes"}
    return names.get(type(value), type(value).__name__)
