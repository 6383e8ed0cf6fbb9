"""Compact letter display: two systems share a letter if and only if they do not differ significantly.

Insert and absorb, Piepho 2004 (J. Comp. Graph. Stat. 13:456): begin with one letter for all; for every significant
pair, every letter that both have becomes two, one without the first and one without the second; a letter whose
systems another one holds too is dropped. Letters that no pair needs are swept at the end, as Piepho does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.errors import InvalidInputError

_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def letter_groups(means: Sequence[float], significant: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Letters of every system, "a" with the best. ``significant``: pairs of positions that differ.

    After 52 letters they go on with primes: a', b'. InvalidInputError: a pair of one system with itself, or a position
    that is not there.
    """
    systems = range(len(means))
    pairs = {frozenset(pair) for pair in significant}
    if any(len(pair) != 2 or not pair <= set(systems) for pair in pairs):
        raise InvalidInputError(f"Pairs must name two different systems of 0 to {len(means) - 1}.")
    place = {system: at for at, system in enumerate(sorted(systems, key=lambda system: (-means[system], system)))}
    ordered = sorted(pairs, key=lambda pair: sorted(place[system] for system in pair))
    groups = _swept(_insert_and_absorb(frozenset(systems), ordered), place)
    groups.sort(key=lambda group: sorted(place[system] for system in group))
    return tuple("".join(_letter(at) for at, group in enumerate(groups) if system in group) for system in systems)


def _insert_and_absorb(everybody: frozenset[int], pairs: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    groups = [everybody]
    for pair in pairs:
        split = [group - {system} for group in groups if pair <= group for system in pair]
        kept = [group for group in groups if not pair <= group]
        for group in sorted(dict.fromkeys(split), key=len, reverse=True):
            if not any(group <= other for other in kept):
                kept.append(group)
        groups = kept
    return groups


def _swept(groups: Sequence[frozenset[int]], place: dict[int, int]) -> list[frozenset[int]]:
    """Without the groups whose pairs (and single members) all occur in others too, smallest groups tried first."""
    kept = list(groups)
    uses: dict[tuple[int, int], int] = {}
    for group in groups:
        for pair in _links(group):
            uses[pair] = uses.get(pair, 0) + 1
    for group in sorted(groups, key=lambda group: (len(group), sorted(-place[system] for system in group))):
        if all(uses[pair] > 1 for pair in _links(group)):
            kept.remove(group)
            for pair in _links(group):
                uses[pair] -= 1
    return kept


def _links(group: frozenset[int]) -> list[tuple[int, int]]:
    return [(one, other) for one in group for other in group if one <= other]


def _letter(at: int) -> str:
    return _ALPHABET[at % len(_ALPHABET)] + "'" * (at // len(_ALPHABET))
