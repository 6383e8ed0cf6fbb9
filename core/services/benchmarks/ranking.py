"""The rankings of a benchmark: what is missing, in parts that the engine can hold, each kept as it comes.

Quick systems rank a part together (they share vectors and answers); a slow one ranks by itself, so that its cell is
finished before the next one begins. A part on which the engine gives up is taken apart, system by system and then by
halves, so that one list that kills it costs one ranking; a system that does so again and again is left out.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.domain.jobs import Failure
from core.domain.ports import Store
from core.domain.systems import System
from core.domain.variants import WHOLE, Variant
from core.domain.work import Event, Priority, Progress, Ranked, RankFailed, RankWork
from core.services.benchmarks.cells import VariantLists
from core.services.benchmarks.engine_work import EngineWork
from core.services.candidates import CandidateService
from core.services.systems import is_slow
from core.services.task import Task

log = logging.getLogger(__name__)
PART = 50  # lists handed to the engine at once: enough to fill its batches, few enough to hold in memory
MOST_BREAKS = 8  # times that one system may make the engine give up: enough to find one bad list among fifty


class Ranker:
    """Ranks for one job."""

    def __init__(
        self,
        store: Store,
        candidates: CandidateService,
        engine: EngineWork,
        task: Task,
        collections: tuple[tuple[str, Path], ...],
        priority: Priority = Priority.BACKGROUND,
    ) -> None:
        self._store = store
        self._candidates = candidates
        self._engine = engine
        self._task = task
        self._collections = collections
        self._priority = priority
        self._breaks: Counter[str] = Counter()
        self._errors: dict[str, str] = {}
        self._worth: Mapping[str, int] = {}
        self._doing = ""
        self._counted: set[tuple[str, str]] = set()
        self._failed: set[tuple[str, str]] = set()

    @property
    def failed(self) -> int:
        """Rankings that failed, and did not come right when they were tried again."""
        return len(self._failed)

    def rank(self, systems: Sequence[System], sets: Sequence[VariantLists]) -> None:
        """Make every missing ranking: whole lists by quick systems, by slow ones, then the variants likewise."""
        self._worth = Counter(hash for lists in sets for hash in set(lists.hashes.values()))
        slow = [system for system in systems if is_slow(system)]
        groups = [[system for system in systems if not is_slow(system)], *([system] for system in slow)]
        for lists in sets:
            for group in groups:
                self._doing = _words(group, lists.variant)
                for part in _parts(tuple(dict.fromkeys(lists.hashes.values()))):
                    self._rank(group, part)

    def _rank(self, systems: Sequence[System], hashes: Sequence[str]) -> None:
        """One part; does nothing where nothing is missing."""
        able = [system for system in systems if self._breaks[system.fingerprint] < MOST_BREAKS]
        for system in systems:
            if system not in able:
                self._give_up(system, hashes, self._errors[system.fingerprint])
        known = self._store.ranked_pairs(hashes, [system.fingerprint for system in able])
        missing = [
            (s, h)
            for s, system in enumerate(able)
            for h, hash in enumerate(hashes)
            if (system.fingerprint, hash) not in known
        ]
        if not missing:
            self._task.check()
            return
        log.info("job %s: %d of %d rankings are missing", self._task.id, len(missing), len(able) * len(hashes))
        used = sorted({h for _, h in missing})
        place = {h: index for index, h in enumerate(used)}
        work = RankWork(
            job=f"{self._task.id}-{uuid.uuid4().hex[:8]}",
            systems=tuple(able),
            lists=tuple(self._candidates.load(hashes[h]) for h in used),
            tasks=tuple((s, place[h]) for s, h in missing),
            collections=self._collections,
            priority=self._priority,
        )
        if error := self._engine.do(work, self._hear):
            self._apart(able, [hashes[h] for h in used], error)

    def _apart(self, systems: Sequence[System], hashes: Sequence[str], error: str) -> None:
        """The engine gave up on this part: find what it cannot do and do the rest."""
        if len(systems) > 1:
            for system in systems:
                self._rank([system], hashes)
            return
        (system,) = systems
        self._breaks[system.fingerprint] += 1
        self._errors[system.fingerprint] = error
        if len(hashes) > 1:
            middle = len(hashes) // 2
            self._rank(systems, hashes[:middle])
            self._rank(systems, hashes[middle:])
        else:
            self._give_up(system, hashes, error)

    def _give_up(self, system: System, hashes: Sequence[str], error: str) -> None:
        """Record why the missing rankings are missing."""
        known = self._store.ranked_pairs(hashes, [system.fingerprint])
        for hash in hashes:
            if (system.fingerprint, hash) not in known:
                self._fail(Failure(system=system.fingerprint, candidates=hash, message=error))

    def _hear(self, event: Event) -> None:
        if isinstance(event, Ranked):
            self._store.save_ranking(event.ranking)
            self._failed.discard((event.ranking.system, event.ranking.candidates))
            self._count(event.ranking.system, event.ranking.candidates)
        elif isinstance(event, RankFailed):
            self._fail(Failure(system=event.system, candidates=event.candidates, message=event.message))
        elif isinstance(event, Progress):
            self._task.report(message=f"ranking with {self._doing}" + (f": {event.note}" if event.note else ""))

    def _fail(self, failure: Failure) -> None:
        self._failed.add((failure.system, failure.candidates))
        self._store.save_failure(failure)
        self._count(failure.system, failure.candidates)

    def _count(self, system: str, hash: str) -> None:
        """Once, though what failed is tried again where a short list is also its own first part."""
        if (system, hash) not in self._counted:
            self._counted.add((system, hash))
            self._task.advance(self._worth.get(hash, 1))


def _parts(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    return (hashes[start : start + PART] for start in range(0, len(hashes), PART))


def _words(systems: Sequence[System], variant: Variant) -> str:
    names = [system.spec for system in systems]
    who = names[0] if len(names) == 1 else f"{len(names)} systems"
    return f"{who}{variant.name('') if variant != WHOLE else ''}"
