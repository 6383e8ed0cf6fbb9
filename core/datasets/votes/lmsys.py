"""Battle JSON as LMSYS and the MTEB arena publish it, an array or one object a line.

``model_a``, ``model_b``, ``winner`` (model_a, model_b, tie, tie (bothbad)); optional ``judge`` (the voter), ``tstamp``
(seconds since 1970), ``question_id`` or ``prompt`` (the query). It cannot hold a category, the kind or group of a
voter, marks, reasons, or which rows belong to one vote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.datasets.meter import Meter
from core.datasets.row import Row
from core.datasets.votes.cast_row import MAX_VOTER_CHARS, CastRow, as_query, at_seconds, text_cell
from core.datasets.votes.json_records import read_records
from core.domain.voting import Verdict

WINNERS = {
    "model_a": Verdict.LEFT,
    "model_b": Verdict.RIGHT,
    "tie": Verdict.EQUAL,
    "tie (bothbad)": Verdict.BOTH_BAD,
}
_WORDS = {verdict: word for word, verdict in WINNERS.items()}
_READ = frozenset({"model_a", "model_b", "winner", "judge", "tstamp", "question_id", "prompt"})


def read_lmsys(path: Path, name: str, meter: Meter, ignored: dict[str, int]) -> Iterator[CastRow]:
    """Every battle; ``ignored`` counts the fields that are not read. ImportFormatError where malformed."""
    for number, row in enumerate(read_records(path, name, meter), start=1):
        for field in row.values:
            if field not in _READ:
                ignored[field] = ignored.get(field, 0) + 1
        yield _cast(row, number)


def write_lmsys(stream: BinaryIO, rows: Iterable[CastRow]) -> int:
    """A JSON array with one battle a line; how many there were."""
    count = 0
    for row in rows:
        text = json.dumps(_object(row), ensure_ascii=False)
        stream.write((",\n" if count else "[\n").encode() + text.encode("utf-8"))
        count += 1
    stream.write(b"\n]\n" if count else b"[]\n")
    return count


def _cast(row: Row, number: int) -> CastRow:
    return CastRow(
        number=number,
        left=text_cell(row, "model_a", row.filled_text("model_a")),
        right=text_cell(row, "model_b", row.filled_text("model_b")),
        verdict=_winner(row),
        voter=text_cell(row, "judge", row.identifier("judge"), MAX_VOTER_CHARS) if row.has("judge") else "",
        query=_query(row),
        at=_time(row),
    )


def _winner(row: Row) -> Verdict:
    word = row.text("winner")
    if word not in WINNERS:
        raise row.error(f"must be one of {', '.join(map(repr, WINNERS))}, not {word[:40]!r}.", "winner")
    return WINNERS[word]


def _query(row: Row) -> str:
    if row.has("question_id"):
        return text_cell(row, "question_id", row.identifier("question_id"))
    return as_query(row.optional_text("prompt"))


def _time(row: Row) -> datetime | None:
    value = row.values.get("tstamp")
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise row.error(f"must be a number, the seconds since 1970, not {str(value)[:40]!r}.", "tstamp")
    return at_seconds(value, row, "tstamp")


def _object(row: CastRow) -> dict[str, object]:
    found: dict[str, object] = {"question_id": row.query} if row.query else {}
    found |= {"model_a": row.left, "model_b": row.right, "winner": _WORDS[row.verdict]}
    if row.voter:
        found["judge"] = row.voter
    if row.at is not None:
        found["tstamp"] = row.at.timestamp()
    return found
