"""What is known of the voters of one board: their rated votes, how long they read, and their control battles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.domain.voting import Control
from core.ratings.outcomes import Floats, Outcomes

TIE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRecord:
    """One vote on a control battle. Shares are of the left side: 1, 0.5 (either tie) or 0.

    ``share``: as voted. ``expected``: what a voter who looks says: of a gold battle the side of GOLD_BEST, of a swapped
    repeat the first verdict mirrored, of the same system twice a tie. Use the three constructors below.
    """

    voter: str
    control: Control
    share: float
    expected: float

    @property
    def right(self) -> bool:
        """Gold: the known answer. Swapped: the verdict of the first time. Same system: a tie."""
        return self.share == self.expected


def gold(voter: str, share: float, *, best_left: bool) -> ControlRecord:
    """``best_left``: whether GOLD_BEST stood on the left."""
    return ControlRecord(voter=voter, control=Control.GOLD, share=share, expected=float(best_left))


def swapped(voter: str, share: float, *, first: float) -> ControlRecord:
    """``first``: share of the left side in the vote on ``Battle.repeats``, as that battle was shown."""
    return ControlRecord(voter=voter, control=Control.SWAPPED, share=share, expected=1.0 - first)


def same_system(voter: str, share: float) -> ControlRecord:
    """One system on both sides."""
    return ControlRecord(voter=voter, control=Control.SAME_SYSTEM, share=share, expected=TIE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """``outcomes``: ``n`` rated comparisons of one kind of voter; weights are not looked at, ``slot`` is.

    ``seconds``: (n,) from shown to voted, NaN where nobody measured. ``controls``: also of voters without a rated vote.
    InvalidInputError where lengths differ.
    """

    outcomes: Outcomes
    seconds: Floats
    controls: tuple[ControlRecord, ...] = ()

    def __post_init__(self) -> None:
        if self.seconds.shape != (len(self.outcomes),):
            raise InvalidInputError(f"{len(self.outcomes)} comparisons need as many seconds, not {len(self.seconds)}.")


def unmeasured(outcomes: Outcomes) -> Floats:
    """(n,) NaN: nobody measured how long voters read."""
    return np.full(len(outcomes), np.nan)
