"""What retrieval says and asks between two slices of work.

Building and searching are generators: they yield a Step after every piece of work, so that whoever drives them can do
something else in between, and Wanted where they need vectors, since models belong to the engine. Whoever drives fills
``rows`` of what is wanted, in pieces if need be, and goes on when it is ``complete``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``done`` of ``total`` in the unit that ``note`` names; ``total`` is 0 where nobody knows it yet."""

    note: str
    done: int = 0
    total: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Wanted:
    """Pooled vectors of ``texts``; ``rows``: those that are there, (dim,) each, in order. ``step``: before this."""

    texts: Sequence[str]
    role: Literal["query", "document"]
    step: Step
    rows: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every text has its vector."""
        return len(self.rows) == len(self.texts)

    @property
    def progress(self) -> Step:
        """``step`` with what is there counted."""
        return Step(note=self.step.note, done=self.step.done + len(self.rows), total=self.step.total)


Steps = Generator[Step | Wanted, None, Made]


def finished(steps: Steps[Made], alive: Callable[[], object] = lambda: None) -> Made:
    """What ``steps`` return, for those who have nothing else to do; ``alive`` is called between the pieces."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            made: Made = stop.value
            return made
        alive()
