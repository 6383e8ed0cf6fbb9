"""Typed reading of an endpoint's reply: every surprise is a BadAnswerError that says what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.domain.errors import BadAnswerError

_SHOWN = 120


class Reply:
    """A value inside a parsed reply and the path that led there."""

    def __init__(self, value: object, model: str, path: str = "reply") -> None:
        self.value, self._model, self._path = value, model, path

    def error(self, wanted: str) -> BadAnswerError:
        """The error for a value that is not ``wanted``."""
        shown = repr(self.value)
        shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
        return BadAnswerError(f"{self._model}: {self._path} should be {wanted}, but is {shown}.")

    def at(self, key: str) -> Reply:
        """The member ``key``; missing is an error."""
        if not isinstance(self.value, Mapping) or key not in self.value:
            raise self.error(f"an object with {key!r}")
        return Reply(self.value[key], self._model, f"{self._path}.{key}")

    def maybe(self, key: str) -> Reply | None:
        """The member ``key``, None where missing or null."""
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return None if value is None else Reply(value, self._model, f"{self._path}.{key}")

    def items(self) -> list[Reply]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise self.error("a list")
        return [Reply(item, self._model, f"{self._path}[{place}]") for place, item in enumerate(self.value)]

    def first(self) -> Reply:
        """The first element of a list."""
        items = self.items()
        if not items:
            raise self.error("a list that is not empty")
        return items[0]

    def number(self) -> float:
        """A finite number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error("a finite number")
        return float(value)

    def whole(self) -> int:
        """A whole number from 0."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise self.error("a whole number from 0")
        return self.value

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.error("text")
        return self.value
