"""How options are told on the page of the decision."""

from __future__ import annotations

from core.services.choosing.choice import Option, State
from core.services.choosing.words import megabytes, milliseconds, money


def state_said(option: Option) -> str:
    """Where the option stands, in a few words."""
    if option.recommended:
        return "recommended"
    if option.state is State.OVER:
        return "outside the limits"
    if option.state is State.UNKNOWN:
        return "not known"
    return "not told apart from the best" if option.alike else "within the limits"


def cost_said(option: Option, currency: str) -> list[str]:
    """What is known of its cost, a line each."""
    cost, said = option.cost, []
    if cost.p95_ms is not None:
        said.append(f"p95 {milliseconds(cost.p95_ms)}")
    if cost.memory_bytes is not None:
        said.append(megabytes(cost.memory_bytes))
    if cost.price is not None:
        said.append(f"{'at most ' if cost.at_most else ''}{money(cost.price, currency)} per 1,000 queries")
    return said
