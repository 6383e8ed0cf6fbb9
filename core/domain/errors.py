"""Errors a person may read: what was given, what is allowed, what to do."""

from __future__ import annotations

from core.domain.naming import few


class RunoffError(Exception):
    """Base of every expected failure; its message is fit to be shown to a person."""


class InvalidInputError(RunoffError):
    """The caller gave something that is not allowed; nothing was changed."""


class UnknownNameError(InvalidInputError):
    """A name that stands for nothing here: collection, query, system, strategy, model, job."""

    def __init__(self, kind: str, given: str, allowed: tuple[str, ...] = ()) -> None:
        known = f" Known: {few(allowed, like=given)}." if allowed else ""
        super().__init__(f"Unknown {kind} {given!r}.{known}")


class ImportFormatError(InvalidInputError):
    """A file to import is malformed; names file, line (or row) and column where they are known."""

    def __init__(
        self, file: str, cause: str, *, line: int | None = None, column: str | None = None, unit: str = "line"
    ) -> None:
        place = file if line is None else f"{file}, {unit} {line}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {cause}")
        self.file, self.line, self.column, self.cause = file, line, column, cause


class ModelUnavailableError(RunoffError):
    """A model cannot be loaded or reached."""


class BadAnswerError(RunoffError):
    """A model gave an answer that must not be ranked: not finite, or the wrong number of values."""


class EngineError(RunoffError):
    """The engine process failed: crashed, ran out of memory, or refused the work."""


class CancelledError(RunoffError):
    """The work was cancelled by a person."""


class NotOpenError(RunoffError):
    """A battle that this voter cannot vote on (now)."""


class AlreadyVotedError(NotOpenError):
    """The battle has its vote; the first one stands."""


class TooSoonError(NotOpenError):
    """The vote came sooner after the battle appeared than a person can read."""


class TooManyVotesError(NotOpenError):
    """More votes in a short time than a person can give."""


class NotAllowedError(RunoffError):
    """The role of whoever asks does not include this."""


class StorageError(RunoffError):
    """The database could not take the write; nothing was recorded."""


class StorageBusyError(StorageError):
    """Another program holds the database; the same call may be tried again."""


class StorageFullError(StorageError):
    """The disk is full; nothing was recorded."""
