"""Utilities learnt from duels: a function h of an item's features such that P(i beats j) = sigmoid(h(i) - h(j)).

Both minimise the Bradley-Terry cross-entropy of the duels. Features have shape (n_items, dim); a duel is (i, j, y)
with y 1 where i won, 0 where j did, one half for a tie. Without information h is 0 for all items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Duel = tuple[int, int, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """``values``: h of all items (n_items,); ``gradients``: of h by its parameters (n_items, n_parameters)."""

    values: Vector
    gradients: Vector


class Utility(Protocol):
    """A model of h."""

    def fit(self, features: Vector, duels: Sequence[Duel]) -> Fitted:
        """h after training on the duels, from the start."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearUtility:
    """h(x) = w · x with the minimum of cross-entropy + penalty/2 · |w|², found exactly by Newton's method.

    w is a combination of the duels' feature differences D (n_duels, dim), so the n_duels coefficients are solved for.
    """

    penalty: float

    def fit(self, features: Vector, duels: Sequence[Duel]) -> Fitted:
        """The minimum to machine precision; the gradient of h(x) is x."""
        if not duels:
            return Fitted(values=np.zeros(len(features)), gradients=features)
        differences = np.stack([features[i] - features[j] for i, j, _ in duels])
        won = np.array([y for _, _, y in duels])
        weights = differences.T @ self._coefficients(differences @ differences.T, won)
        return Fitted(values=features @ weights, gradients=features)

    def _coefficients(self, kernel: Vector, won: Vector) -> Vector:
        found = np.zeros(len(won))
        loss = self._loss(kernel, won, found)
        for _ in range(100):
            margins = kernel @ found
            chances = sigmoid(margins)
            curvature = chances * (1 - chances)
            system = curvature[:, None] * kernel + self.penalty * np.eye(len(won))
            step = np.linalg.solve(system, curvature * margins + won - chances) - found
            size = 1.0
            while (after := self._loss(kernel, won, found + size * step)) > loss and size > 1e-6:
                size /= 2
            if after > loss or np.abs(size * step).max() < 1e-12:
                break
            found, loss = found + size * step, after
        return found

    def _loss(self, kernel: Vector, won: Vector, found: Vector) -> float:
        margins = kernel @ found
        entropy = np.logaddexp(0, margins) - won * margins
        return float(entropy.sum() + self.penalty / 2 * found @ kernel @ found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MlpUtility:
    """h(x) of one hidden layer with ReLU, trained from its start with Adam on the mean cross-entropy and a decay of
    penalty / (n_duels + 50).

    It starts with each unit twice and output weights of opposite signs, so that h is 0 at first (Zhou et al. 2020,
    arXiv:1911.04462) and stays 0 while all duels are ties.
    """

    penalty: float
    width: int
    steps: int
    seed: int
    rate: float = 1e-3

    def fit(self, features: Vector, duels: Sequence[Duel]) -> Fitted:
        """h after ``steps`` steps, and its gradients."""
        parameters = self._start(features.shape[1])
        if duels:
            pairs = features[[i for i, _, _ in duels] + [j for _, j, _ in duels]]
            won = np.array([y for _, _, y in duels])
            decay = self.penalty / (len(duels) + 50)
            self._train(parameters, pairs, won, decay)
        hidden = _hidden(parameters, features)
        return Fitted(values=_values(parameters, hidden), gradients=_gradients(parameters, features, hidden))

    def _start(self, dim: int) -> list[Vector]:
        """Input weights (dim, width), biases (width,), output weights (width,), bias ()."""
        generator = np.random.default_rng(self.seed)
        half = self.width // 2
        inputs = np.sqrt(2 / dim) * generator.standard_normal((dim, half))
        outputs = np.sqrt(1 / half) * generator.standard_normal(half)
        return [np.hstack([inputs, inputs]), np.zeros(2 * half), np.concatenate([outputs, -outputs]), np.zeros(())]

    def _train(self, parameters: list[Vector], pairs: Vector, won: Vector, decay: float) -> None:
        count = len(won)
        means = [np.zeros_like(parameter) for parameter in parameters]
        squares = [np.zeros_like(parameter) for parameter in parameters]
        for step in range(1, self.steps + 1):
            hidden = _hidden(parameters, pairs)
            values = _values(parameters, hidden)
            errors = (sigmoid(values[:count] - values[count:]) - won) / count
            outer = np.concatenate([errors, -errors])
            inner = outer[:, None] * (hidden > 0) * parameters[2]
            slopes = [pairs.T @ inner, inner.sum(0), hidden.T @ outer, np.zeros(())]
            for parameter, slope, mean, square in zip(parameters, slopes, means, squares, strict=True):
                slope = slope + decay * parameter
                mean += 0.1 * (slope - mean)
                square += 0.001 * (slope * slope - square)
                corrected = np.sqrt(square / (1 - 0.999**step)) + 1e-8
                parameter -= self.rate * (mean / (1 - 0.9**step)) / corrected


def sigmoid(values: Vector) -> Vector:
    """1 / (1 + exp(-values)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))


def _hidden(parameters: Sequence[Vector], features: Vector) -> Vector:
    return np.maximum(features @ parameters[0] + parameters[1], 0)


def _values(parameters: Sequence[Vector], hidden: Vector) -> Vector:
    """h, each unit added to its twin first: at the start that is 0 to the last bit, which Adam would not forgive."""
    parts = hidden * parameters[2]
    half = parts.shape[1] // 2
    return np.asarray((parts[:, :half] + parts[:, half:]).sum(1) + parameters[3])


def _gradients(parameters: Sequence[Vector], features: Vector, hidden: Vector) -> Vector:
    inner = (hidden > 0) * parameters[2]
    weights = (features[:, :, None] * inner[:, None, :]).reshape(len(features), -1)
    return np.hstack([weights, inner, hidden, np.ones((len(features), 1))])
