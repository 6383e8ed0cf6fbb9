"""From evidence and limits to the options and the one to ship.

Among the feasible systems that cannot be told apart from the best feasible one, the cheapest on the chosen axis; of
equally cheap ones the better, then the one whose specification comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.services.choosing.choice import NO_RERANKER, NOTHING, Cost, Option, State
from core.services.choosing.evidence import Contender, Evidence
from core.services.choosing.feasible import judged
from core.services.choosing.front import on_front
from core.services.choosing.limits import Axis, Limits

Apart = Callable[[str, str], bool]


def make_options(
    evidence: Evidence, costs: Mapping[str, Cost], limits: Limits, currency: str = ""
) -> tuple[Option, ...]:
    """Every contender, best first. ``costs``: specification to cost; a system without one is not known."""
    options = [_option(one, costs.get(one.system.spec, Cost()), limits, currency) for one in evidence.contenders]
    return recommend(options, evidence.apart, limits.axis)


def recommend(options: Sequence[Option], apart: Apart, axis: Axis) -> tuple[Option, ...]:
    """The options with ``front``, ``alike`` and ``recommended``, best first; a feasible one has a cost on the axis."""
    ordered = sorted(options, key=lambda option: (-option.quality.mean, _on(option, axis), option.spec))
    feasible = [option for option in ordered if option.state is State.FEASIBLE]
    if not feasible:
        return tuple(ordered)
    best = feasible[0].spec
    alike = [option for option in feasible if option.spec == best or not apart(best, option.spec)]
    chosen = min(alike, key=lambda option: (_on(option, axis), -option.quality.mean, option.spec)).spec
    front = on_front([(_on(option, axis), option.quality.mean) for option in feasible])
    shown = {option.spec for option, on in zip(feasible, front, strict=True) if on}
    level = {option.spec for option in alike}
    return tuple(
        replace(option, front=option.spec in shown, alike=option.spec in level, recommended=option.spec == chosen)
        for option in ordered
    )


def _option(contender: Contender, cost: Cost, limits: Limits, currency: str) -> Option:
    cost = NOTHING if contender.system.spec == NO_RERANKER else cost
    state, reasons = judged(contender.system, cost, limits, currency)
    return Option(
        system=contender.system,
        quality=contender.quality,
        failed=contender.failed,
        cost=cost,
        state=state,
        reasons=reasons,
    )


def _on(option: Option, axis: Axis) -> float:
    cost = option.cost.on(axis)
    return float("inf") if cost is None else cost
