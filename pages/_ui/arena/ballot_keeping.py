"""A ballot as plain values and back, for the session's state: a ballot that could not be saved is kept there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from core.domain.voting import Ballot, Mark, Reason, Verdict


class Stored(TypedDict):
    """A ballot in values that survive a reload of the modules."""

    verdict: str
    order: Sequence[Sequence[int]]
    marks: Mapping[str, bool]
    reasons: Sequence[str]


def stored(ballot: Ballot) -> Stored:
    """The ballot as plain values."""
    return {
        "verdict": str(ballot.verdict),
        "order": [list(level) for level in ballot.order],
        "marks": {mark.document: mark.useful for mark in ballot.marks},
        "reasons": [str(reason) for reason in ballot.reasons],
    }


def restored(kept: Stored) -> Ballot:
    """The ballot that ``stored`` took apart."""
    return Ballot(
        verdict=Verdict(kept["verdict"]),
        order=tuple(tuple(level) for level in kept["order"]),
        marks=tuple(Mark(document=document, useful=useful) for document, useful in kept["marks"].items()),
        reasons=tuple(Reason(reason) for reason in kept["reasons"]),
    )
