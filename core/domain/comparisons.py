"""The vote log as columns: every pair of systems that a vote compared, ready for arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FOREIGN = "votes:"  # begins the collection of an imported log that has no collection here


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparisons:
    """``n`` rows in the order of the log; controls are not among them, whatever became of the vote is.

    ``systems``, ``voters``, ``queries``, ``groups``: names, in any order, some perhaps unused.
    ``left``, ``right``, ``voter``, ``query``, ``group``: (n,) positions in those.
    ``share``: (n,) of the left side: 1, 0.5 or 0, of the verdict as cast. ``both_bad``: (n,) ties that were "both bad".
    ``vote``: (n,) id of the vote in this store, rising; the rows of one vote are neighbours. ``at``: (n,) milliseconds
    since 1970 UTC. ``depth``: (n,) documents in the candidate list. ``slot``: (n,) 1 where left and right stood side
    by side, A and B, so that the side can matter; 0 elsewhere (interleaved).
    ``seconds``: (n,) from the battle's appearance to the vote, NaN where it is not known (imported votes).
    """

    systems: tuple[str, ...]
    voters: tuple[str, ...]
    queries: tuple[str, ...]
    groups: tuple[str, ...]
    left: Integers
    right: Integers
    share: Floats
    both_bad: NDArray[np.bool_]
    voter: Integers
    query: Integers
    group: Integers
    vote: Integers
    at: Integers
    depth: Integers
    slot: Integers
    seconds: Floats

    def __len__(self) -> int:
        return len(self.share)

    def only(self, rows: NDArray[np.bool_]) -> Comparisons:
        """Some of the rows, (n,) true for those that stay; the names stay whole."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})


_COLUMNS = ("left", "right", "share", "both_bad", "voter", "query", "group", "vote", "at", "depth", "slot", "seconds")
