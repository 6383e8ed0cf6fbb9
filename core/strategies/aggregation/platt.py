"""Platt scaling: a score as the probability of relevance, by a logistic curve fitted to judged scores.

Formula: p(s) = 1 / (1 + exp(-(a·s + b))), with a and b of greatest likelihood for the targets (R + 1) / (R + 2) of the
R relevant scores and 1 / (I + 2) of the I irrelevant ones, which keep a finite where scores separate the two. Newton's
method with halved steps. Platt 1999; targets and method: Lin, Lin and Weng 2007, doi:10.1007/s10994-007-5018-6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 100
_HALVINGS = 40
_GRADIENT = 1e-10
_RIDGE = 1e-12  # keeps the Hessian invertible where all scores are equal

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platt:
    """The curve. ``slope`` a, ``intercept`` b."""

    slope: float
    intercept: float

    @property
    def rising(self) -> bool:
        """Whether higher scores are likelier to be relevant."""
        return self.slope > 0

    def __call__(self, scores: Array) -> Array:
        """Probabilities (n,) of scores (n,)."""
        return _sigmoid(self.slope * scores + self.intercept)


def fit_platt(scores: Array, relevant: NDArray[np.bool_]) -> Platt:
    """The curve for finite ``scores`` (n,) that are ``relevant`` (n,) or not; n from 1."""
    hits = int(relevant.sum())
    targets = np.where(relevant, (hits + 1) / (hits + 2), 1 / (len(scores) - hits + 2))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    inputs = np.stack(((scores - middle) / spread, np.ones_like(scores)))  # of one scale, whatever the member's
    slope, intercept = _newton(inputs, targets)
    return Platt(slope=slope / spread, intercept=intercept - slope * middle / spread)


def _newton(inputs: Array, targets: Array) -> tuple[float, float]:
    weights = np.array([0.0, float(np.log(targets.mean() / (1 - targets.mean())))])
    loss = _loss(weights @ inputs, targets)
    for _ in range(_STEPS):
        chances = _sigmoid(weights @ inputs)
        gradient = inputs @ (chances - targets)
        if np.abs(gradient).max() < _GRADIENT:
            break
        hessian = (inputs * (chances * (1 - chances))) @ inputs.T + _RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        for _ in range(_HALVINGS):
            after = _loss((weights - step) @ inputs, targets)
            if after <= loss:
                break
            step = step / 2
        if after > loss:
            break
        weights, loss = weights - step, after
    return float(weights[0]), float(weights[1])


def _loss(logits: Array, targets: Array) -> float:
    """-Σ t·log p + (1 - t)·log(1 - p)."""
    return float((np.logaddexp(0.0, logits) - targets * logits).sum())


def _sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    chances: Array = np.exp(-np.logaddexp(0.0, -logits))
    return chances
