"""Batches cut out of a window of requests, along the order in which the model shares most work.

A batch opens with ``full`` tokens and grows by ``added`` (core.models.base.Arrangement) up to the token limit, or up
to a higher one with requests that share much with their predecessors, and beyond it where all that is added is next
to nothing beside a long opening request (two queries over one list of passages); of the batches that the window falls
into, the one that holds the most deserving request is run. Arranging means tokenising, so an arrangement serves for as
long as the window holds nothing but what it has arranged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core.models.base import Adapter
from core.worker.pool import Pending

log = logging.getLogger(__name__)

SHARING = 0.75  # a request that adds at most this part of its tokens shares much
RIDING = 1 / 16  # of the opening request's tokens: what may be added to a batch that it fills alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Executed tokens of a batch; ``shared``: where the next request shares much with the one before it."""

    plain: int
    shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arranged:
    """``places``: key to place in the order; ``full`` and ``added``: tokens by place."""

    adapter: Adapter
    places: dict[str, int]
    full: tuple[int, ...]
    added: tuple[int, ...]


class Cutter:
    """Model thread only."""

    def __init__(self) -> None:
        self._arranged: _Arranged | None = None

    def cut(self, adapter: Adapter, window: Sequence[Pending], limits: Limits) -> list[Pending]:
        """The batch of at most ``limits`` tokens that holds the first of ``window``, or that one alone if it has more.

        A request that the adapter cannot arrange makes the first run alone, so that asking it shows whose fault it is.
        """
        known = self._arranged
        if known is None or known.adapter is not adapter or any(p.key not in known.places for p in window):
            try:
                known = self._arranged = _arrange(adapter, window)
            except Exception:  # tokenisers may raise anything; it must cost only the request that is at fault
                log.exception("%s could not arrange %d requests.", adapter.entry.id, len(window))
                self._arranged = None
                return [window[0]]
        return _cut(window, limits, known)

    def forget(self) -> None:
        """What was arranged is not to be used again."""
        self._arranged = None


def _arrange(adapter: Adapter, window: Sequence[Pending]) -> _Arranged:
    arrangement = adapter.arrange([pending.request for pending in window])
    return _Arranged(
        adapter=adapter,
        places={window[position].key: place for place, position in enumerate(arrangement.order)},
        full=arrangement.full,
        added=arrangement.added,
    )


def _cut(window: Sequence[Pending], limits: Limits, arranged: _Arranged) -> list[Pending]:
    """Where the predecessor of a request has been answered, it has nobody to share with and counts in full."""
    anchor = window[0]
    batch: list[Pending] = []
    total, last, opening = 0, -1, 0
    for pending in sorted(window, key=lambda pending: arranged.places[pending.key]):
        place = arranged.places[pending.key]
        tokens = arranged.added[place] if batch and place == last + 1 else arranged.full[place]
        limit = limits.shared if tokens <= SHARING * arranged.full[place] else limits.plain
        if batch and total + tokens > max(limit, int((1 + RIDING) * opening)):
            if anchor in batch:
                break
            batch, total, tokens = [], 0, arranged.full[place]
        opening = opening if batch else tokens
        batch.append(pending)
        total, last = total + tokens, place
    return batch
