"""What rankings have cost here, remembered as long as it cannot have changed much: progress is asked every second."""

from __future__ import annotations

import time
from dataclasses import dataclass

from core.domain.ports import Store
from core.services.benchmarks.cells import VariantLists

PACE_SECONDS = 5.0
MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What was executed for some ``rankings``, all of them together; a sum, since thousands of cells are remembered."""

    rankings: int = 0
    calls: int = 0
    seconds: float = 0.0

    @property
    def mean_seconds(self) -> float:
        """Per ranking, of at least one."""
        return self.seconds / self.rankings

    @property
    def mean_calls(self) -> float:
        """Per ranking; 0 for none."""
        return self.calls / self.rankings if self.rankings else 0.0


NOTHING = Costs()


class Paces:
    """Costs of rankings of some lists, read again when there are more; the pace anywhere, after five seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here: dict[tuple[str, str, str], tuple[int, Costs]] = {}
        self._anywhere: dict[str, tuple[float, float]] = {}

    def here(self, plan: str, lists: VariantLists, system: str, ranked: int) -> Costs:
        """Costs of up to 50 of the ``ranked`` rankings of these lists by ``system``, a fingerprint."""
        if not ranked:
            return NOTHING
        key = (plan, lists.variant.name(""), system)
        known = self._here.get(key)
        if known is None or known[0] != ranked:
            executed = [
                cost for _, cost in self._store.costs_here(tuple(lists.hashes.values()), [system]).get(system, ())
            ]
            found = Costs(
                rankings=len(executed),
                calls=sum(cost.calls for cost in executed),
                seconds=sum(cost.seconds for cost in executed),
            )
            if len(self._here) > MOST:
                self._here = {}
            known = self._here[key] = (ranked, found)
        return known[1]

    def anywhere(self, system: str) -> float | None:
        """Executed seconds per executed call of anything the system has ranked here; None where nobody knows."""
        known = self._anywhere.get(system)
        if known is None or time.monotonic() - known[0] > PACE_SECONDS:
            pace = self._store.seconds_per_call([system]).get(system)
            if pace is None:
                return None
            known = self._anywhere[system] = (time.monotonic(), pace)
        return known[1]
