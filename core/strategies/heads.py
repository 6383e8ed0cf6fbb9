"""A list whose head was decided."""

from __future__ import annotations

from collections.abc import Sequence


def head_first(head: Sequence[int], n_docs: int) -> tuple[int, ...]:
    """``head``, then the other of ``n_docs`` positions in first-stage order."""
    chosen = frozenset(head)
    return (*head, *(position for position in range(n_docs) if position not in chosen))
