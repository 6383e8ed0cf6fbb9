"""Which limit to relax to get what: the least that a better system needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.services.choosing.choice import NO_RERANKER, Option, Relaxation, State
from core.services.choosing.evidence import Evidence
from core.services.choosing.p_values import p_value
from core.services.choosing.words import chance, gap, megabytes, milliseconds, money

MOST = 3


def relaxations(
    options: Sequence[Option], recommended: Option, evidence: Evidence, measure: str, currency: str
) -> tuple[Relaxation, ...]:
    """At most three systems that are significantly better, the most modest first; where there is no other feasible
    system, also those that are better by their mean alone.

    A system is named only where every cost it breaks a limit with is known and its mean is higher than that of the
    recommended one; one that needs more than another without being significantly better than it is left out.
    """
    over = [option for option in options if option.state is State.OVER and not _blocked(option)]
    better = [option for option in over if option.quality.mean > recommended.quality.mean]
    needs = {
        option.spec: {reason.limit: _rounded(reason.limit, reason.needed or 0.0) for reason in option.reasons}
        for option in better
    }
    modest = [
        option
        for option in better
        if not any(
            _covers(needs[option.spec], needs[other.spec]) and not evidence.apart(option.spec, other.spec)
            for other in better
            if (needs[other.spec] != needs[option.spec] or other.quality.mean > option.quality.mean)
            and other is not option
        )
    ]
    if any(option.state is State.FEASIBLE and option.spec != NO_RERANKER for option in options):
        modest = [option for option in modest if evidence.apart(option.spec, recommended.spec)]
    modest.sort(key=lambda option: (not evidence.apart(option.spec, recommended.spec), option.quality.mean))
    return tuple(
        Relaxation(
            spec=option.spec,
            needed=MappingProxyType(needs[option.spec]),
            sentence=_sentence(option, recommended, needs[option.spec], evidence, measure, currency),
        )
        for option in modest[:MOST]
    )


def _blocked(option: Option) -> bool:
    """Whether no number would let it pass: a licence, a language, something unknown."""
    return any(reason.unknown or reason.needed is None for reason in option.reasons)


def _covers(needed: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether whoever relaxes so much has relaxed enough for the other."""
    return all(needed.get(limit, 0.0) >= value for limit, value in other.items())


def _rounded(limit: str, value: float) -> float:
    """Up to the next whole millisecond or megabyte, or to two significant digits."""
    if limit in ("p95_ms", "memory_mb") and value >= 1:
        return float(math.ceil(value))
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return max(value, math.ceil(value / scale) * scale)


def _sentence(
    option: Option, recommended: Option, needed: Mapping[str, float], evidence: Evidence, measure: str, currency: str
) -> str:
    changes = " and ".join(_change(limit, value, currency) for limit, value in needed.items())
    more = gap(option.quality.mean - recommended.quality.mean)
    pair = evidence.pair(option.spec, recommended.spec)
    if pair is None:
        proof = "which was not tested"
    elif pair.significant:
        proof = chance(p_value(pair, evidence.correction))
    else:
        proof = f"which cannot be told apart ({chance(p_value(pair, evidence.correction))})"
    return f"{changes} would allow {option.name}: {measure} {option.quality.mean:.3f}, {more} higher, {proof}."


def _change(limit: str, value: float, currency: str) -> str:
    if limit == "p95_ms":
        return f"p95 up to {milliseconds(value)}"
    if limit == "memory_mb":
        return f"memory up to {megabytes(value * 1e6)}"
    return f"a price up to {money(value, currency)}"
