"""A part of the queries, the same for everybody who asks for as many."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence


def query_sample(ids: Sequence[str], judged: Collection[str], count: int, seed: int = 0) -> tuple[str, ...]:
    """``count`` of ``ids`` at random, in their order; of those with judgments as long as there are enough."""
    rated = [id for id in ids if id in judged]
    pool = rated if len(rated) >= count else list(ids)
    drawn = set(random.Random(seed).sample(pool, min(count, len(pool))))
    return tuple(id for id in ids if id in drawn)
