"""For every two systems: how likely the one beats the other in the next comparison, and how sure it is to be better.

By the model, as core/ratings/superiority.py says. ``clear`` comes from the simultaneous rank sets, since who reads a
board picks the pairs after having seen them all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.ratings.davidson import Davidson
from core.ratings.superiority import advantage
from core.services.board.boards import Chance
from core.services.board.rated_slice import Scale


def chances(scale: Scale | None, place: Mapping[str, int]) -> tuple[Chance, ...]:
    """Every pair once, the better rated first. ``place``: of each system on the board. Empty without errors."""
    if scale is None or scale.errors is None or scale.sets is None:
        return ()
    systems, model = scale.outcomes.systems, scale.fitted.model
    nu = model.nu if isinstance(model, Davidson) else 0.0
    found = []
    for i, j in np.argwhere(np.triu(np.ones(scale.errors.error.shape, dtype=np.bool_), 1)).tolist():
        if place[systems[i]] > place[systems[j]]:
            i, j = j, i
        said = advantage(scale.errors, i, j, nu=nu)
        found.append(
            Chance(
                first=place[systems[i]],
                second=place[systems[j]],
                probability=said.win,
                low=said.low,
                high=said.high,
                better=said.stronger,
                clear=bool(scale.sets.separated[i, j]),
            )
        )
    return tuple(sorted(found, key=lambda chance: (chance.first, chance.second)))
