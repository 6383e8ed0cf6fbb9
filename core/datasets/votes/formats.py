"""The formats of vote files, and telling them apart: by the ending of a CSV, otherwise by how the content begins."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path, PurePath

from core.domain.errors import ImportFormatError

LOG_FORMAT = "runoff-votes"  # in the first line of Runoff's own log
SNIFFED_BYTES = 1 << 16
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class VoteFormat(StrEnum):
    """RUNOFF: own log, complete and byte-exact. LMSYS: battle JSON, an array or one object a line. CSV: a table."""

    RUNOFF = "runoff"
    LMSYS = "lmsys"
    CSV = "csv"

    @property
    def suffix(self) -> str:
        """How names of such files end."""
        return {VoteFormat.RUNOFF: ".jsonl", VoteFormat.LMSYS: ".json", VoteFormat.CSV: ".csv"}[self]


def guess_format(path: Path, name: str) -> VoteFormat:
    """CSV for .csv and .tsv; otherwise what the first bytes say: ``{`` or ``[`` is JSON, anything else CSV.

    ``name``: of the file, its ending counts. ImportFormatError where it cannot be read or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SNIFFED_BYTES)
    except OSError as error:
        raise ImportFormatError(name, f"cannot be read: {error.strerror}.") from error
    if not head.strip():
        raise ImportFormatError(name, "is empty.")
    for mark in _MARKS:
        head = head.removeprefix(mark)
    if PurePath(name).suffix.lower() in (".csv", ".tsv") or head.lstrip()[:1] not in (b"{", b"["):
        return VoteFormat.CSV
    own = f'"format":"{LOG_FORMAT}"'.encode() in head.split(b"\n", 1)[0]
    return VoteFormat.RUNOFF if own else VoteFormat.LMSYS
