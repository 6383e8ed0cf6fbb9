"""The chances of every pair under the policy of the arena, from what the log knew a few seconds ago.

The log is counted, and for decision contrast fitted, on a thread in the background, never in a voter's click. Until
it has been, decision contrast falls back to uniform and says so. Votes that were cast here since then are added to
the counts, and what the voter was issued and did not vote on, so that one voter alone goes through all pairs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

import numpy as np

from core.domain.decisions import Decisions
from core.domain.errors import RunoffError
from core.domain.ports import Store
from core.domain.voting import Battle, BattleState, Control, Policy, VoterKind
from core.ratings.outcomes import Floats, Integers, from_comparisons
from core.ratings.pair_policy import (
    UNIFORM_SHARE,
    Target,
    contrast_probabilities,
    fewest_probabilities,
    uniform_probabilities,
)
from core.ratings.pairs import pair_table
from core.services.battles.matchmaking import Chances
from core.services.battles.pool import Mask, Pool
from core.services.votes.vote_columns import VoteColumns

log = logging.getLogger(__name__)
REFRESH_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """The log as it was ``at``. ``met``: (k, k) battles of each pair. ``contrast``: (k, k) chances of all pairs."""

    systems: tuple[str, ...]
    revision: tuple[int, ...]
    at: datetime
    met: Integers
    contrast: Floats | None


class PairChances:
    """Pair probabilities by policy; one snapshot of the log per collection."""

    def __init__(
        self, store: Store, columns: VoteColumns, *, policy: Policy, top: int = 1, seed: int | None = None
    ) -> None:
        """``top``: how many first places decision contrast is to settle, 1 or 3."""
        self._store = store
        self._columns = columns
        self._policy = policy
        self._target = Target.FIRST if top == 1 else Target.TOP_THREE
        self._rng = np.random.default_rng(seed)
        self._snapshots: dict[str, Snapshot] = {}
        self._checked: dict[str, float] = {}
        self._heard: dict[str, list[tuple[datetime, Battle]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def of(self, collection: str, pool: Pool, seen: Iterable[Battle], allowed: Mask) -> Chances:
        """Chances of the allowed pairs ((k, k), symmetric, at least one) for a voter who has ``seen`` these battles."""
        if self._policy is Policy.UNIFORM:
            return Chances(policy=Policy.UNIFORM, probabilities=uniform_probabilities(allowed))
        known = self._known(collection, pool)
        if self._policy is Policy.FEWEST_VOTES:
            unvoted = [battle for battle in seen if battle.state is not BattleState.VOTED]
            met = _counted(pool, [*unvoted, *self._since(collection, known)])
            if known is not None:
                met = met + known.met
            return Chances(policy=Policy.FEWEST_VOTES, probabilities=fewest_probabilities(met, allowed))
        if known is None or known.contrast is None:
            return Chances(policy=Policy.UNIFORM, probabilities=uniform_probabilities(allowed))
        return Chances(policy=Policy.DECISION_CONTRAST, probabilities=_restricted(known.contrast, allowed))

    def heard(self, battle: Battle) -> None:
        """A vote on this battle has been recorded."""
        if self._policy is Policy.UNIFORM:
            return  # nobody would ask, and nobody clear away
        with self._lock:
            self._heard.setdefault(battle.collection, []).append((datetime.now(UTC), battle))

    def refresh(self, collection: str, systems: tuple[str, ...]) -> None:
        """Read the log where it has grown, and fit."""
        revision, at = self._store.revision(), datetime.now(UTC)
        kept = self._snapshots.get(collection)
        if kept is None or (kept.revision, kept.systems) != (revision, systems):
            self._snapshots[collection] = self._snapshot(collection, systems, revision, at)
            with self._lock:
                heard = self._heard.get(collection, [])
                self._heard[collection] = [(when, battle) for when, battle in heard if when > at]

    def close(self) -> None:
        """Wait for the background."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout=10.0)

    def _known(self, collection: str, pool: Pool) -> Snapshot | None:
        """What is known now; a refresh is started where the last one is old."""
        with self._lock:
            due = time.monotonic() - self._checked.get(collection, -REFRESH_SECONDS) >= REFRESH_SECONDS
            if due and (self._thread is None or not self._thread.is_alive()):
                self._checked[collection] = time.monotonic()
                self._thread = threading.Thread(
                    target=self._refresh_quietly, args=(collection, pool.systems), name="pair-chances", daemon=True
                )
                self._thread.start()
        kept = self._snapshots.get(collection)
        return kept if kept is not None and kept.systems == pool.systems else None

    def _since(self, collection: str, known: Snapshot | None) -> list[Battle]:
        """Battles with a vote that was cast here after what is known."""
        with self._lock:
            heard = list(self._heard.get(collection, []))
        return [battle for when, battle in heard if known is None or when > known.at]

    def _refresh_quietly(self, collection: str, systems: tuple[str, ...]) -> None:
        try:
            self.refresh(collection, systems)
        except RunoffError:
            log.exception("the votes of collection %s could not be counted; older counts stay", collection[:12])

    def _snapshot(self, collection: str, systems: tuple[str, ...], revision: tuple[int, ...], at: datetime) -> Snapshot:
        comparisons = self._columns.read(collection, VoterKind.PERSON)
        counted = Decisions(self._store.decisions()).apply(comparisons)
        pairs = pair_table(from_comparisons(counted, systems=systems).only(systems))
        contrast = None
        if self._policy is Policy.DECISION_CONTRAST:
            everything = ~np.eye(len(systems), dtype=bool)
            contrast = contrast_probabilities(pairs, everything, self._rng, target=self._target)
        return Snapshot(systems=systems, revision=revision, at=at, met=pairs.met.astype(np.int64), contrast=contrast)


def _restricted(chances: Floats, allowed: Mask) -> Floats:
    """Chances given that the pair is allowed, mixed with so much uniform that it has its share of them again."""
    kept = np.where(allowed, chances, 0.0)
    kept, even = kept / np.triu(kept).sum(), uniform_probabilities(allowed)
    share = float((kept[allowed] / even[allowed]).min())  # how much of it is uniform already
    added = max(0.0, (UNIFORM_SHARE - share) / (1.0 - UNIFORM_SHARE))
    mixed: Floats = (kept + added * even) / (1.0 + added)
    return mixed


def _counted(pool: Pool, battles: Iterable[Battle]) -> Integers:
    """(k, k) how often each pair meets in these battles, controls apart."""
    met = np.zeros((len(pool.systems), len(pool.systems)), dtype=np.int64)
    for battle in battles:
        places = [pool.system_at[slot] for slot in battle.slots if slot in pool.system_at]
        if battle.control is Control.NONE:
            for one, other in combinations(places, 2):
                met[one, other] += 1
                met[other, one] += 1
    return met
