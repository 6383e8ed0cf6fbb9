"""Whether a system is within the limits; what is not known makes it neither feasible nor too much."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.models import MULTILINGUAL
from core.domain.systems import System
from core.services.choosing.choice import Cost, Reason, State
from core.services.choosing.limits import Axis, Limits
from core.services.choosing.pricing import PROBE
from core.services.choosing.words import megabytes, milliseconds, money

_STATE_LANGUAGES = 'State languages = ["en"] in [models.{name}] or [endpoints.{name}] of runoff.toml.'
_STATE_LICENCE = 'State licence = "..." in [models.{name}] or [endpoints.{name}] of runoff.toml.'


def judged(system: System, cost: Cost, limits: Limits, currency: str) -> tuple[State, tuple[Reason, ...]]:
    """The state, and every reason why it is not feasible, those known first."""
    reasons = [
        *_latency(cost, limits),
        *_memory(cost, limits),
        *_price(cost, limits, currency),
        *_licences(system, limits),
        *_languages(system, limits),
    ]
    ordered = tuple(sorted(reasons, key=lambda reason: reason.unknown))
    if not ordered:
        return State.FEASIBLE, ()
    return (State.UNKNOWN if ordered[0].unknown else State.OVER), ordered


def _latency(cost: Cost, limits: Limits) -> Iterable[Reason]:
    if cost.p95_ms is None:
        if limits.p95_ms is not None or limits.axis is Axis.LATENCY:
            yield Reason(limit="p95_ms", text="latency is not measured yet", todo=PROBE, unknown=True)
    elif limits.p95_ms is not None and cost.p95_ms > limits.p95_ms:
        text = f"p95 {milliseconds(cost.p95_ms)} is over {milliseconds(limits.p95_ms)}"
        yield Reason(limit="p95_ms", text=text, needed=cost.p95_ms)


def _memory(cost: Cost, limits: Limits) -> Iterable[Reason]:
    if cost.memory_bytes is None:
        if limits.memory_mb is not None or limits.axis is Axis.MEMORY:
            yield Reason(limit="memory_mb", text="memory is not measured yet", todo=PROBE, unknown=True)
    elif limits.memory_mb is not None and cost.memory_bytes > limits.memory_mb * 1e6:
        text = f"memory {megabytes(cost.memory_bytes)} is over {megabytes(limits.memory_mb * 1e6)}"
        yield Reason(limit="memory_mb", text=text, needed=cost.memory_bytes / 1e6)


def _price(cost: Cost, limits: Limits, currency: str) -> Iterable[Reason]:
    if cost.price is None:
        if limits.price_per_1000 is not None or limits.axis is Axis.PRICE:
            yield Reason(limit="price_per_1000", text="price is not known", todo=cost.price_unknown, unknown=True)
    elif limits.price_per_1000 is not None and cost.price > limits.price_per_1000:
        most = "at most " if cost.at_most else ""
        text = f"price {most}{money(cost.price, currency)} is over {money(limits.price_per_1000, currency)}"
        yield Reason(limit="price_per_1000", text=text, needed=cost.price, unknown=cost.at_most)


def _licences(system: System, limits: Limits) -> Iterable[Reason]:
    allowed = {licence.casefold() for licence in limits.licences}
    for model in system.models if allowed else ():
        if not model.licence:
            text = f"licence of {model.id} is not known"
            yield Reason(limit="licences", text=text, todo=_STATE_LICENCE.format(name=model.id), unknown=True)
        elif model.licence.casefold() not in allowed:
            yield Reason(limit="licences", text=f"licence of {model.id} is {model.licence}")


def _languages(system: System, limits: Limits) -> Iterable[Reason]:
    for model in system.models if limits.languages else ():
        if not model.languages:
            text = f"languages of {model.id} are not known"
            yield Reason(limit="languages", text=text, todo=_STATE_LANGUAGES.format(name=model.id), unknown=True)
        elif MULTILINGUAL not in model.languages:
            lacking = [code for code in limits.languages if code not in model.languages]
            if lacking:
                text = f"{model.id} was made for {', '.join(model.languages)}, not {', '.join(lacking)}"
                yield Reason(limit="languages", text=text)
