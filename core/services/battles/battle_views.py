"""What a voter sees of a battle before the vote: texts and ranks, nothing of the systems, the same for a control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.documents import Document
from core.domain.jobs import Job
from core.domain.voting import BattleForm, Reason

DEPTH = 10  # rows of a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a blind list: rank from 1 and the document.

    ``ranks``: of the document in every slot's list, in the order of the slots (None: below the cut); empty in a merged
    list. ``other_rank``: with two slots the rank on the other side, else None.
    """

    rank: int
    document: Document
    other_rank: int | None = None
    ranks: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleView:
    """A battle as it may be shown.

    ``lists``: one per slot A, B, C, D: two of a side-by-side battle, three or four of a best-to-worst one, none of an
    interleaved one. ``merged``: the one list of an interleaved battle, empty in every other form.
    ``reasons``: what the voter may give as reasons, with the vote. ``votes_today``, ``votes_all``: of this voter, UTC.
    """

    id: str
    form: BattleForm
    query: str
    category: str
    lists: tuple[tuple[Row, ...], ...]
    merged: tuple[Row, ...]
    votes_today: int
    votes_all: int
    reasons: tuple[Reason, ...] = tuple(Reason)

    @property
    def left(self) -> tuple[Row, ...]:
        """The list of slot A; empty where there is only a merged one."""
        return self.lists[0] if self.lists else ()

    @property
    def right(self) -> tuple[Row, ...]:
        """The list of slot B; empty where there is only a merged one."""
        return self.lists[1] if self.lists else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """No battle now. ``job`` is the running preparation, if any; ``reason`` is a sentence for the page."""

    reason: str
    job: Job | None


def side_by_side(lists: Sequence[Sequence[Document]]) -> tuple[tuple[Row, ...], ...]:
    """Rows of the slots' lists, best first, cut at DEPTH; every row knows its document's rank in all of them."""
    shown = [list(documents[:DEPTH]) for documents in lists]
    places = [{document.id: rank for rank, document in enumerate(documents, 1)} for documents in shown]
    two = len(shown) == 2
    return tuple(
        tuple(
            Row(
                rank=rank,
                document=document,
                other_rank=places[1 - slot].get(document.id) if two else None,
                ranks=tuple(place.get(document.id) for place in places),
            )
            for rank, document in enumerate(documents, 1)
        )
        for slot, documents in enumerate(shown)
    )


def one_list(documents: Sequence[Document]) -> tuple[Row, ...]:
    """Rows of a merged list."""
    return tuple(Row(rank=rank, document=document) for rank, document in enumerate(documents, 1))
