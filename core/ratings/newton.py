"""The maximum of a concave log-likelihood by Newton's method with the step halved where it overshoots."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.outcomes import Floats

_ROUNDING = 4.0 * float(np.finfo(np.float64).eps)

Value = Callable[[Floats], float]
Step = Callable[[Floats], tuple[Floats, Floats]]


class ConvergenceError(RunoffError):
    """The iteration ended before the tolerance was reached; no rating is reported."""

    def __init__(self, model: str, iterations: int, step: float, tolerance: float) -> None:
        super().__init__(
            f"{model} did not converge: step {step:.3g} after {iterations} iterations, allowed {tolerance:.3g}. "
            "Allow more iterations, or report the votes as a bug."
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """``parameters``: (p,). ``step``: what the last iteration changed at most."""

    parameters: Floats
    value: float
    iterations: int
    step: float


def maximise(
    model: str, start: Floats, value_of: Value, step_of: Step, *, weight: float, tolerance: float, max_iterations: int
) -> Maximum:
    """From ``start`` (p,). ``step_of``: gradient (p,) and Newton step (p,). ``weight``: of all outcomes, the scale of
    the gradient's rounding error. ``model``: its name for the ConvergenceError."""
    parameters, value, size = start, value_of(start), math.inf
    for iteration in range(1, max_iterations + 1):
        gradient, step = step_of(parameters)
        size = float(np.abs(step).max())
        if size <= tolerance or float(np.abs(gradient).max()) <= _ROUNDING * weight:
            return Maximum(parameters=parameters + step, value=value, iterations=iteration, step=size)
        parameters, value = _uphill(value_of, parameters, step, value)
    raise ConvergenceError(model, max_iterations, size, tolerance)


def _uphill(value_of: Value, parameters: Floats, step: Floats, value: float) -> tuple[Floats, float]:
    """The Newton step, halved until it does not lower the likelihood (beyond rounding)."""
    slack = 1e-12 * abs(value)
    for _ in range(60):
        moved = parameters + step
        reached = value_of(moved)
        if reached >= value - slack:
            return moved, reached
        step = 0.5 * step
    return parameters, value
