"""Who killed the engine: what was running is suspected, tried alone, and refused when it kills again.

A batch holds requests of many jobs, so its death is nobody's until shown. The keys that were running
become suspects and are run one at a time after the restart; a suspect that was running alone when the
process died again is poisoned. Where nothing announced was running, jobs are tried one at a time
(``isolate``), and one that kills the process twice alone is ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

ISOLATE_AFTER = 2  # deaths without a known cause before jobs are tried one at a time
STRIKES = 2  # deaths of the process with one job alone before that job is ended


class Forensics:
    """Evidence over the lives of one client's engine processes; the caller holds the lock."""

    def __init__(self, give_up_after: int) -> None:
        self._give_up_after = give_up_after
        self._running: tuple[str, ...] = ()
        self._strikes: Counter[str] = Counter()
        self._unexplained = 0
        self.suspects: set[str] = set()
        self.poisoned: dict[str, str] = {}
        self.deaths = 0  # since the last progress

    def began(self, keys: tuple[str, ...]) -> None:
        """``keys`` run from now on."""
        self._running = keys

    def finished(self) -> None:
        """What ran has ended well: that clears it."""
        self.suspects.difference_update(self._running)
        self._running = ()
        self.progressed()

    def progressed(self) -> None:
        """A result arrived, so the engine is not dying in a circle."""
        self.deaths = 0

    def reset(self) -> bool:
        """No work is left: what was refused may be tried again by those who ask again. Whether there was any."""
        held = bool(self.suspects or self.poisoned)
        self.suspects.clear()
        self.poisoned.clear()
        self._strikes.clear()
        self._unexplained = 0
        return held

    def died(self, cause: str, activity: str, jobs: Sequence[str]) -> str | None:
        """The process died of ``cause``; gives back the job to be ended for it, if one is found guilty.

        ``activity``: what a stuck process was doing, where nothing was announced; ``jobs``: what it had to do.
        """
        running = self._running or ((activity,) if activity else ())
        self._running = ()
        self.deaths += 1
        if running:
            self._suspect(running, cause)
            return None
        self._unexplained += 1
        if len(jobs) != 1:
            return None
        self._strikes[jobs[0]] += 1
        return jobs[0] if self._strikes[jobs[0]] >= STRIKES else None

    def _suspect(self, running: tuple[str, ...], cause: str) -> None:
        if len(running) == 1 and running[0] in self.suspects:
            self.poisoned[running[0]] = f"the engine died on this request ({cause}), also when it ran alone"
        else:
            self.suspects.update(running)

    @property
    def isolate(self) -> bool:
        """Whether jobs must be tried one at a time."""
        return self._unexplained >= ISOLATE_AFTER

    @property
    def hopeless(self) -> bool:
        """Whether restarting has stopped making sense."""
        return self.deaths >= self._give_up_after
