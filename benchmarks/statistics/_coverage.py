"""How often intervals hold what is true, over many logs of one world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.statistics.bars import Bar, share_bar
from core.ratings.bradley_terry import MEAN_RATING, POINTS
from core.ratings.intervals import Intervals
from core.ratings.outcomes import Floats

Replicate = Callable[[np.random.Generator], Mapping[str, tuple[Intervals, Floats]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """``held``: (k,) how often a system's interval held the true value, of ``logs``. ``width``: mean, in points."""

    held: NDArray[np.int64]
    logs: int
    width: float

    @property
    def share(self) -> float:
        """Of all systems and logs."""
        return float(self.held.mean()) / self.logs

    def pooled(self, suite: str, setting: str, bar: str, *, at_least: float, at_most: float) -> Bar:
        """One row over all systems."""
        return share_bar(
            suite,
            setting,
            bar,
            float(self.held.sum()),
            self.logs * len(self.held),
            at_least=at_least,
            at_most=at_most,
            clusters=self.logs,
            note=f"mean width {self.width:.0f} points",
        )

    def told(self, suite: str, setting: str) -> Bar:
        """One row over all systems that is shown for contrast."""
        return replace(self.pooled(suite, setting, "for contrast", at_least=0.0, at_most=1.0), reached=None)

    def each(self, suite: str, setting: str, bar: str, *, at_least: float, at_most: float) -> Iterator[Bar]:
        """The system that is held least often, and the one most often."""
        for word, held in (("least", self.held.min()), ("most", self.held.max())):
            yield share_bar(
                suite,
                f"{setting}, {word} of the systems",
                bar,
                float(held),
                self.logs,
                at_least=at_least,
                at_most=at_most,
            )


def coverage(rng: np.random.Generator, logs: int, replicate: Replicate) -> dict[str, Coverage]:
    """By the names that ``replicate`` gives: intervals in points with the true strengths (k,) of one log each."""
    held: dict[str, NDArray[np.int64]] = {}
    width: dict[str, float] = {}
    for _ in range(logs):
        for name, (intervals, strengths) in replicate(rng).items():
            true = MEAN_RATING + POINTS * strengths
            hit = ((intervals.low <= true) & (true <= intervals.high)).astype(np.int64)
            held[name] = held[name] + hit if name in held else hit
            width[name] = width.get(name, 0.0) + float((intervals.high - intervals.low).mean()) / logs
    return {name: Coverage(held=held[name], logs=logs, width=width[name]) for name in held}
