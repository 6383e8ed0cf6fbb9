"""What a voter added to a vote inside the lists: marks on documents, reasons, places. It comes from the browser.

The component keeps it with the ``turn`` of its battle, a digest of the battle's id, and sends documents by their
position on the page. What carries another turn belongs to another battle and is not read; what is malformed is not
read either, so the worst that a forged message does is to say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.domain.voting import Mark, Reason

KEY = "battle_lists"  # of the component, the same for every battle
STATE = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a voter has in hand: the battle's id, the documents by their position on the page, how many lists there
    are and which reasons may be given."""

    battle: str
    documents: tuple[str, ...]
    slots: int
    reasons: tuple[Reason, ...]

    @property
    def turn(self) -> str:
        """Names the battle in the browser without being its id."""
        return hashlib.sha256(f"runoff turn {self.battle}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``places``: of every list from 1, None where it has none yet."""

    marks: tuple[Mark, ...] = ()
    reasons: tuple[Reason, ...] = ()
    places: tuple[int | None, ...] = ()

    @property
    def order(self) -> tuple[tuple[int, ...], ...]:
        """Slots (from 0) best first, level ones together; empty until every list has its place."""
        if not self.places or None in self.places:
            return ()
        levels = sorted({place for place in self.places if place is not None})
        return tuple(tuple(slot for slot, place in enumerate(self.places) if place == level) for level in levels)


def said(paper: Paper) -> Said:
    """What this session's browser has said of the battle so far."""
    state = st.session_state.get(KEY)
    return read(state.get(STATE) if isinstance(state, Mapping) else None, paper)


def read(message: object, paper: Paper) -> Said:
    """``message`` as the component sends it: {turn, marks: {position: bool}, reasons: [...], places: [...]}."""
    if not isinstance(message, Mapping) or message.get("turn") != paper.turn:
        return Said(places=(None,) * paper.slots)
    return Said(
        marks=_marks(message.get("marks"), paper.documents),
        reasons=_reasons(message.get("reasons"), paper.reasons),
        places=_places(message.get("places"), paper.slots),
    )


def _marks(given: object, documents: Sequence[str]) -> tuple[Mark, ...]:
    if not isinstance(given, Mapping):
        return ()
    useful = {str(position): value for position, value in given.items() if isinstance(value, bool)}
    return tuple(
        Mark(document=document, useful=useful[str(position)])
        for position, document in enumerate(documents)
        if str(position) in useful
    )


def _reasons(given: object, allowed: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for reason in allowed if isinstance(given, list) and str(reason) in given)


def _places(given: object, slots: int) -> tuple[int | None, ...]:
    if not isinstance(given, list) or len(given) != slots:
        return (None,) * slots
    return tuple(
        place if isinstance(place, int) and not isinstance(place, bool) and 1 <= place <= slots else None
        for place in given
    )
