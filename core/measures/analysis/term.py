"""What an analysis makes of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or part of one, that counts: its stem, and where it stands in the text (characters, end excluded)."""

    stem: str
    start: int
    end: int


class Analysis(Protocol):
    """One way to make terms; ``pieces`` are (stem, start, end), starts never fall."""

    def pieces(self, text: str) -> Iterator[tuple[str, int, int]]: ...

    def stems(self, text: str) -> list[str]:
        """The stems of ``pieces`` alone, repetitions kept; quicker, for whole corpora."""
        ...
