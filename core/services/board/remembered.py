"""Something read from the store, read again only when something came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by key, each as it was at a state of the log."""

    def __init__(self, state: Callable[[], Hashable]) -> None:
        """``state``: another value whenever what was read may have changed."""
        self._state = state
        self._kept: dict[Hashable, tuple[Hashable, T]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], T]) -> T:
        """The value of ``key``; ``read`` where there is none of the present state."""
        state = self._state()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] != state:
                kept = self._kept[key] = (state, read())
            return kept[1]
