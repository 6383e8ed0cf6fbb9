"""What is left to do, in model calls and in seconds measured here.

Calls: the strategy's forecast for the length of each list (core/strategies/resolve.py), members included.

Seconds per list, the first of these that is known:

1. mean executed seconds of up to 50 rankings that the system has made of the same lists,
2. that of the whole lists, in proportion to the forecast calls,
3. executed seconds per executed call of its rankings of anything here, times the calls,
4. for a system without calls, 0; for one that combines others, the sum over its members by 3 and 4, where a member
   that is a system of the same benchmark costs nothing more: its answers are known by then.

Executed seconds leave out what the answer cache knew, so 1 and 2 are what this collection really cost, where a price
per call would count cached answers as if they were computed.

The first lists cost most where documents are shared: an embedding strategy asks for one vector per text, and a text is
computed once. So seconds are at most what is left of all different texts, at the price of an executed call: a system
can execute ``documents + queries`` calls in such a strategy, and no more than its forecast in any other.
Where nothing was measured there is no forecast of time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.ports import Store
from core.domain.systems import System
from core.services.benchmarks.cells import VariantLists
from core.services.benchmarks.paces import Costs, Paces
from core.strategies.base import find
from core.strategies.resolve import forecast

MOST_SIZES = 200_000
PER_TEXT = "embedding"  # the family whose requests are about one text, whichever list it is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """``calls`` still to be made, ``exact`` or estimated; ``seconds`` they take here, None where nobody knows."""

    calls: int
    exact: bool
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a cell is: its ``lists`` and the ``whole`` ones of a plan, ``sizes`` and ``whole_sizes``: documents to how
    many lists have so many, ``documents`` of the collection. ``ranked``, ``whole_ranked``: fingerprint to lists ranked.
    ``paid``: fingerprints of the benchmark's systems, whose answers are there for others."""

    plan: str
    lists: VariantLists
    whole: VariantLists
    sizes: Mapping[int, int]
    whole_sizes: Mapping[int, int]
    documents: int
    ranked: Mapping[str, int]
    whole_ranked: Mapping[str, int]
    paid: frozenset[str]


class Forecaster:
    """Forecasts cells; remembers how long lists are and what strategies foretell, which never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paces = Paces(store)
        self._sizes: dict[str, int] = {}
        self._calls: dict[tuple[str, int], int] = {}

    def sizes(self, lists: VariantLists, depth: int) -> Counter[int]:
        """Documents to how many lists have so many; a list that is not made yet has ``depth``."""
        if len(self._sizes) > MOST_SIZES:
            self._sizes = {}
        if missing := [hash for hash in lists.hashes.values() if hash not in self._sizes]:
            self._sizes |= self._store.candidate_sizes(missing)
        expected = min(depth, lists.variant.first or depth)
        return Counter(self._sizes.get(hash, expected) for hash in lists.hashes.values()) or Counter([expected])

    def left(self, system: System, scene: Scene, open: int) -> Left:
        """What is left of one cell, of which ``open`` lists are still to be ranked."""
        name = system.fingerprint
        here = self._paces.here(scene.plan, scene.lists, name, scene.ranked[name])
        base = self._paces.here(scene.plan, scene.whole, name, scene.whole_ranked[name])
        calls, even = self._per_list(system, scene.sizes)
        each = self._seconds_per_list(system, scene, here, base)
        most = self._most_seconds(system, scene, open, here, base)
        seconds = None if each is None else min(each * open, each * open if most is None else most)
        made = len(scene.lists.hashes) == scene.lists.queries
        exact = _exact(system) and made and (even or open == scene.lists.total)
        return Left(calls=round(calls * open), exact=exact, seconds=seconds)

    def _seconds_per_list(self, system: System, scene: Scene, here: Costs, base: Costs) -> float | None:
        if here.rankings:
            return here.mean_seconds
        calls = self._per_list(system, scene.sizes)[0]
        if base.rankings:
            of_whole = self._per_list(system, scene.whole_sizes)[0]
            return base.mean_seconds * (calls / of_whole if of_whole else 1.0)
        return self._by_calls(system, calls, scene)

    def _by_calls(self, system: System, calls: float, scene: Scene) -> float | None:
        if calls == 0:
            return 0.0
        if (pace := self._paces.anywhere(system.fingerprint)) is not None:
            return pace * calls
        seconds = 0.0
        for member in system.members:
            if member.fingerprint in scene.paid:
                continue
            part = self._by_calls(member, self._per_list(member, scene.sizes)[0], scene)
            if part is None:
                return None
            seconds += part
        return seconds if system.members else None

    def _most_seconds(self, system: System, scene: Scene, open: int, here: Costs, base: Costs) -> float | None:
        """What is left of all different requests, at the price of an executed call; None without a price, or where
        no member asks for texts."""
        texts = [_is_text(part) for part in _parts(system) if not part.members]
        if not any(texts):
            return None
        seen = here if here.rankings else base
        price = seen.seconds / seen.calls if seen.calls else self._paces.anywhere(system.fingerprint)
        if price is None:
            return None
        spent = here.mean_calls * (scene.lists.total - open)
        if scene.lists is not scene.whole and all(texts):  # the texts of changed lists are those of the whole ones
            spent += base.mean_calls * scene.whole_ranked[system.fingerprint]
        return price * max(0.0, self._most_calls(system, scene) - spent)

    def _most_calls(self, system: System, scene: Scene) -> float:
        """The most calls that can be executed for all lists of the cell, whatever they share."""
        total = self._per_list(system, scene.sizes)[0] * scene.lists.total
        if system.members:
            return min(total, sum(self._most_calls(member, scene) for member in system.members))
        if _is_text(system):
            return min(total, float(scene.documents + scene.whole.queries))
        return total

    def _per_list(self, system: System, sizes: Mapping[int, int]) -> tuple[float, bool]:
        """Mean calls per list, and whether all lists need the same."""
        each = {size: self._forecast(system, size) for size in sizes}
        mean = sum(each[size] * lists for size, lists in sizes.items()) / sum(sizes.values())
        return mean, len(set(each.values())) == 1

    def _forecast(self, system: System, documents: int) -> int:
        key = (system.fingerprint, documents)
        if key not in self._calls:
            self._calls[key] = forecast(system, documents)
        return self._calls[key]


def _parts(system: System) -> list[System]:
    return [system, *(part for member in system.members for part in _parts(member))]


def _is_text(system: System) -> bool:
    return find(system.strategy).family == PER_TEXT


def _exact(system: System) -> bool:
    return find(system.strategy).exact_forecast and all(_exact(member) for member in system.members)
