"""Variants one after another, round after round (A B C A B C), so that what slows the machine slows all of them."""

from __future__ import annotations

import gc
import logging
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.speed.parity import Scores

log = logging.getLogger("benchmarks.speed")


def _nothing() -> None:
    """Takes no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to the same scores. ``before``: untimed, ahead of every run. ``warm_up``: a small run ahead of all,
    a whole one if None. ``tokenise``: only that part of ``run``, in the same pieces, timed by itself; None where it is
    not told apart."""

    name: str
    run: Callable[[], Scores]
    before: Callable[[], None] = _nothing
    warm_up: Callable[[], object] | None = None
    tokenise: Callable[[], object] | None = None


@dataclass(slots=True, kw_only=True)
class Times:
    """Seconds per round: of the whole, and of tokenising alone (0 where it is not told apart)."""

    whole: list[float] = field(default_factory=list)
    tokenising: list[float] = field(default_factory=list)

    @property
    def computing(self) -> list[float]:
        """The whole less its tokenising, per round."""
        return [max(whole - part, 1e-9) for whole, part in zip(self.whole, self.tokenising, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Median of the ratios of the single rounds, with the extremes; ``seconds``: medians of ours and theirs."""

    value: float
    low: float
    high: float
    rounds: int
    seconds: tuple[float, float]


Keep = Callable[[Mapping[str, Scores]], Collection[str]]


def everybody(scores: Mapping[str, Scores]) -> Collection[str]:
    """No gate."""
    return scores.keys()


def interleave(
    variants: Sequence[Variant],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
    keep: Keep = everybody,
) -> dict[str, Times]:
    """Warm up, then measure ``rounds`` rounds; garbage of one variant is collected before the next is timed.

    ``keep``: sees the scores of the first round and names who may stay; nothing is told of the others.
    """
    for variant in variants:
        variant.before()
        (variant.warm_up or variant.run)()
    times = {variant.name: Times() for variant in variants}
    for number in range(rounds):
        scores = {variant.name: _timed(variant, times[variant.name], clock) for variant in variants}
        log.info("  round %d of %d: %s", number + 1, rounds, _told(times))
        if number == 0:
            kept = keep(scores)
            variants = [variant for variant in variants if variant.name in kept]
            times = {variant.name: times[variant.name] for variant in variants}
    return times


def _timed(variant: Variant, times: Times, clock: Callable[[], float]) -> Scores:
    variant.before()
    gc.collect()
    began = clock()
    scores = variant.run()
    times.whole.append(clock() - began)
    times.tokenising.append(_tokenising(variant, clock))
    return scores


def _told(times: Mapping[str, Times]) -> str:
    return ", ".join(f"{name} {found.whole[-1]:.2f} s" for name, found in times.items())


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """How many times as long theirs took. Seconds aligned by round."""
    each = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Ratio(
        value=statistics.median(each),
        low=min(each),
        high=max(each),
        rounds=len(each),
        seconds=(statistics.median(ours), statistics.median(theirs)),
    )


def _tokenising(variant: Variant, clock: Callable[[], float]) -> float:
    if variant.tokenise is None:
        return 0.0
    variant.before()
    began = clock()
    variant.tokenise()
    return clock() - began
