"""How the comparisons of votes are packed: 52 bytes a row, little-endian, whole blocks read by numpy at once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.domain.comparisons import Comparisons
from core.domain.voting import BattleForm, Verdict, Vote, compared

ROW = np.dtype(
    [
        ("vote", "<i8"),
        ("at", "<i8"),  # milliseconds since 1970
        ("seconds", "<f8"),  # NaN: not known
        ("left", "<i4"),
        ("right", "<i4"),
        ("voter", "<i4"),
        ("query", "<i4"),
        ("group", "<i4"),
        ("depth", "<i4"),
        ("half_wins", "u1"),  # of the left side: 2 a win, 1 a tie, 0 a loss
        ("both_bad", "u1"),
        ("slot", "u1"),
        ("reserved", "u1"),
    ]
)
ROLES = ("system", "voter", "query", "group")

_ROW = struct.Struct("<qqdiiiiiiBBBB")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def names_of(vote: Vote) -> tuple[tuple[str, str], ...]:
    """Every (role, name) that ``pack`` will ask the position of; none where the vote is never rated."""
    if vote.control:
        return ()
    systems = (("system", name) for name in dict.fromkeys(vote.slots))
    return (*systems, ("voter", vote.voter), ("query", vote.query_id), ("group", vote.voter_group))


def pack(vote: Vote, id: int, position: Callable[[str, str], int]) -> bytes:
    """A row for each pair the vote compared, of the verdict as cast; empty for controls.

    ``id``: of the vote here; ``position(role, name)``: the number that stands for a name.
    """
    if vote.control:
        return b""
    waited = float("nan") if vote.shown_at is None else (vote.cast_at - vote.shown_at).total_seconds()
    verdict = vote.cast_verdict or vote.verdict
    common = (position("voter", vote.voter), position("query", vote.query_id), position("group", vote.voter_group))
    at, side_by_side = (vote.cast_at - _START) // _MILLISECOND, vote.form is BattleForm.SIDE_BY_SIDE
    return b"".join(
        _ROW.pack(
            id,
            at,
            waited,
            position("system", pair.left),
            position("system", pair.right),
            *common,
            vote.depth,
            int(2 * pair.share),
            verdict is Verdict.BOTH_BAD,
            side_by_side,
            0,
        )
        for pair in compared(vote.slots, verdict, vote.order)
        if pair.left != pair.right
    )


def unpack(packed: bytes) -> NDArray[np.void]:
    """(n,) of ROW."""
    return np.frombuffer(packed, dtype=ROW)


def columns(rows: NDArray[np.void], names: Mapping[str, tuple[str, ...]]) -> Comparisons:
    """``rows`` of ROW with the names of each role."""

    def whole(field: str) -> NDArray[np.int64]:
        return rows[field].astype(np.int64)

    return Comparisons(
        systems=names["system"],
        voters=names["voter"],
        queries=names["query"],
        groups=names["group"],
        left=whole("left"),
        right=whole("right"),
        share=rows["half_wins"] / 2.0,
        both_bad=rows["both_bad"].astype(np.bool_),
        voter=whole("voter"),
        query=whole("query"),
        group=whole("group"),
        vote=whole("vote"),
        at=whole("at"),
        depth=whole("depth"),
        slot=whole("slot"),
        seconds=rows["seconds"].astype(np.float64),
    )
