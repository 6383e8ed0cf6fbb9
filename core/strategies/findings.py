"""What the contract suite found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule of one strategy, in words."""

    strategy: str
    rule: str
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.strategy}: {self.rule}: {self.message}"
