"""Values kept by key while the state they came from lasts; those used least lately go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most so many values, of at most so much weight. Whoever asks for one that is being made waits for it."""

    def __init__(self, most: int, *, most_weight: int = 0, weigh: Callable[[T], int] = lambda _value: 0) -> None:
        """``most_weight``: of all values together by ``weigh``; the value made last always stays. 0: no limit."""
        self._most = most
        self._most_weight = most_weight
        self._weigh = weigh
        self._values: OrderedDict[Hashable, tuple[Hashable, T]] = OrderedDict()
        self._weight = 0
        self._lock = threading.RLock()

    def get(self, key: Hashable, state: Hashable, make: Callable[[], T]) -> T:
        """The value of ``key`` made at ``state``; ``make`` where there is none of that state."""
        with self._lock:
            found = self._values.get(key)
            if found is None or found[0] != state:
                self._put(key, state, make())
            self._values.move_to_end(key)
            return self._values[key][1]

    def peek(self, key: Hashable) -> T | None:
        """The value of ``key`` as it was made last, of whatever state; None without one."""
        with self._lock:
            found = self._values.get(key)
            return None if found is None else found[1]

    def _put(self, key: Hashable, state: Hashable, value: T) -> None:
        old = self._values.pop(key, None)
        self._weight += self._weigh(value) - (0 if old is None else self._weigh(old[1]))
        self._values[key] = (state, value)
        while len(self._values) > 1 and (len(self._values) > self._most or 0 < self._most_weight < self._weight):
            _, (_, gone) = self._values.popitem(last=False)
            self._weight -= self._weigh(gone)
