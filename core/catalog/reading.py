"""Typed reading of one configuration table: every error names the table and the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.errors import InvalidInputError
from core.domain.models import MULTILINGUAL

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the configuration; ``name`` as in the file, e.g. "models.my-reranker"."""

    name: str
    values: Mapping[str, object]

    def error(self, key: str, cause: str) -> InvalidInputError:
        """The error to raise for ``key``."""
        return InvalidInputError(f"[{self.name}] {key}: {cause}")

    def refuse_unknown(self, allowed: Iterable[str]) -> None:
        """InvalidInputError for the first key that nothing reads."""
        known = sorted(allowed)
        for key in sorted(self.values):
            if key not in known:
                raise self.error(key, f"unknown key. Allowed: {', '.join(known)}.")

    def text(self, key: str, default: str | None = None) -> str:
        """A string that is not empty; required where there is no default."""
        value = self.values.get(key, default)
        if value is None:
            raise self.error(key, "is required.")
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise self.error(key, f"must be text, not {value!r}.")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of ``allowed``."""
        value = self.text(key, default)
        options = tuple(allowed)
        if value not in options:
            raise self.error(key, f"{value!r} is not allowed. Allowed: {', '.join(options)}.")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number above zero; required where there is no default."""
        value = self.values.get(key, default)
        if value is None:
            raise self.error(key, "is required.")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.error(key, f"must be a whole number above zero, not {value!r}.")
        return value

    def seconds(self, key: str, default: float) -> float:
        """A number above zero."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise self.error(key, f"must be a number of seconds above zero, not {value!r}.")
        return float(value)

    def price(self, key: str) -> float | None:
        """An amount from zero on, or None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise self.error(key, f"must be an amount from 0 on, not {value!r}.")
        return float(value)

    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes in small letters, "code" or "multilingual"; empty where the key is absent."""
        found = self.texts("languages") or ()
        for value in found:
            if not _LANGUAGE.fullmatch(value) and value not in {"code", MULTILINGUAL}:
                raise self.error("languages", f'{value!r} is not a code such as "en", nor "code" or "{MULTILINGUAL}".')
        return found

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}.")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, or None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list | tuple) or not value or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"must be a list of text, not {value!r}.")
        return tuple(value)
