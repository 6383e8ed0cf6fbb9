"""What every workload is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.models import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """``rounds``: measured rounds of a comparison; ``quick``: smaller and fewer, to see that everything runs;
    ``full``: larger, to run overnight; ``folder``: disposable models; ``tiny``: GPU shapes shrunk for the CPU.
    ``processor_time``: for a machine that others use as well."""

    threads: int
    rounds: int
    folder: Path
    quick: bool = False
    full: bool = False
    gpu: bool = False
    processor_time: bool = False
    tiny: bool = False

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds of the wall, or of this process on the processor (all its threads)."""
        return time.process_time if self.processor_time else time.perf_counter

    @property
    def shelf(self) -> Shelf:
        """The models of this run."""
        return Shelf(self.folder, self.threads)

    def size(self, usual: int, quick: int) -> int:
        """A size, or the smaller one of ``--quick``."""
        return quick if self.quick else usual

    def at_most(self, rounds: int) -> int:
        """Rounds of a workload that is too long for all of them."""
        return min(self.rounds, rounds)
