"""Who pays for tokens that several requests share, and in which order requests share most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.models.base import Arrangement
from core.models.packed.trie import Chunk, Row, common_prefix, sort_key


def shares(found: Sequence[Chunk], owners: Sequence[int], count: int) -> list[float]:
    """(count,): the tokens of the passes ``found``, each divided equally among the requests whose rows hold it.
    ``owners``: the request of each row. The sum is the number of tokens run."""
    paid = np.zeros(count)
    for chunk in found:
        held: dict[int, list[slice]] = {}
        for row, path in zip(chunk.rows, chunk.paths, strict=True):
            held.setdefault(owners[row], []).extend(slice(*part) for part in path)
        users = np.zeros(len(chunk.plan.ids))
        for request, parts in held.items():
            held[request] = parts = _disjoint(parts)
            for part in parts:
                users[part] += 1
        each = np.concatenate([[0.0], np.cumsum(1 / users)])  # every token of a plan is on the path of some row
        for request, parts in held.items():
            paid[request] += sum(each[part.stop] - each[part.start] for part in parts)
    values: list[float] = paid.tolist()
    return values


def by_prefix(
    rows: Sequence[Sequence[Row]], further: Sequence[int], depths: Sequence[int] | None = None
) -> Arrangement:
    """Requests in the lexicographic order of their token ids. ``rows``: of each request, at least one; ``further``:
    tokens that each brings besides (those it may generate); ``depths``: how many layers each runs, where these differ:
    requests of different depths share nothing."""
    depths = [0] * len(rows) if depths is None else depths
    own = [sorted(each, key=sort_key) for each in rows]
    order = sorted(range(len(rows)), key=lambda request: (depths[request], sort_key(own[request][0])))
    full: list[int] = []
    added: list[int] = []
    before: Sequence[Row] = ()
    depth = None
    for request in order:
        before = before if depths[request] == depth else ()
        depth = depths[request]
        full.append(max(1, _tokens(own[request], ()) + further[request]))
        added.append(min(full[-1], _tokens(own[request], before) + further[request]))
        before = own[request]
    return Arrangement(order=tuple(order), full=tuple(full), added=tuple(added))


def _tokens(rows: Sequence[Row], before: Sequence[Row]) -> int:
    """Tokens of the trie of sorted ``rows`` that are not in the trie of ``before``."""
    total = 0
    for place, row in enumerate(rows):
        known = [*before, *rows[max(0, place - 1) : place]]
        total += len(row) - max((common_prefix(row, other) for other in known), default=0)
    return total


def _disjoint(parts: Sequence[slice]) -> list[slice]:
    """The same places, each once."""
    found: list[slice] = []
    for part in sorted(parts, key=lambda part: (part.start, part.stop)):
        if found and part.start < found[-1].stop:
            found[-1] = slice(found[-1].start, max(found[-1].stop, part.stop))
        else:
            found.append(part)
    return found
