"""Boards kept in memory: small ones are made anew at once when something came, large ones in the background.

A board over more than BACKGROUND comparisons takes a noticeable time; whoever asks gets the kept one at once, which
says how many votes are not in it yet, while one thread makes the next. The first time there is none to give, so that
asker waits.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from core.services.board.boards import BoardRequest

BACKGROUND = 50_000  # comparisons
KEPT = 48
KEPT_LARGE = 4

log = logging.getLogger(__name__)


class Sized(Protocol):
    """What is kept: it knows over how many comparisons it was made."""

    @property
    def rows(self) -> int: ...


T = TypeVar("T", bound=Sized)
V = TypeVar("V")


@dataclass(slots=True, eq=False)
class Kept(Generic[T]):
    """``made`` from what ``state`` names, last found current at ``revision``; ``views``: what was read off it."""

    made: T
    state: Hashable
    revision: Hashable
    views: dict[str, Any] = field(default_factory=dict)


class BoardKeeper(Generic[T]):
    """Keeps what ``make`` makes of a request.

    ``revision``: cheap, another value after any change; ``state``: of one request, another value after a change that
    concerns it.
    """

    def __init__(
        self,
        make: Callable[[BoardRequest], T],
        state: Callable[[BoardRequest], Hashable],
        revision: Callable[[], Hashable],
        background: int = BACKGROUND,
    ) -> None:
        self._make, self._state, self._revision = make, state, revision
        self._background = background
        self._kept: OrderedDict[BoardRequest, Kept[T]] = OrderedDict()
        self._locks: dict[BoardRequest, threading.Lock] = {}
        self._threads: dict[BoardRequest, threading.Thread] = {}
        self._lock = threading.Lock()

    def get(self, request: BoardRequest) -> tuple[Kept[T], bool]:
        """What is kept or made now, and whether it is current; where it is not, the next is being made."""
        revision = self._revision()
        kept = self._found(request)
        if kept is None:
            return self._made(request), True
        if kept.revision == revision:
            return kept, True
        if kept.state == self._state(request):
            kept.revision = revision
            return kept, True
        if kept.made.rows <= self._background:
            return self._made(request), True
        self._begin(request)
        return kept, False

    def view(self, request: BoardRequest, name: str, read: Callable[[T], V]) -> V:
        """``read`` off the board of the request, kept with it under ``name``."""
        kept, _ = self.get(request)
        if name not in kept.views:
            kept.views[name] = read(kept.made)
        view: V = kept.views[name]
        return view

    def settle(self, seconds: float = 60.0) -> None:
        """Wait for what is being made in the background."""
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(seconds)

    def _found(self, request: BoardRequest) -> Kept[T] | None:
        with self._lock:
            found = self._kept.get(request)
            if found is not None:
                self._kept.move_to_end(request)
            return found

    def _made(self, request: BoardRequest) -> Kept[T]:
        """One asker makes a board, others of the same board wait for it."""
        with self._lock:
            lock = self._locks.setdefault(request, threading.Lock())
        with lock:
            revision, state = self._revision(), self._state(request)
            found = self._found(request)
            if found is not None and found.state == state:
                return found
            made = Kept(made=self._make(request), state=state, revision=revision)
            self._keep(request, made)
            return made

    def _begin(self, request: BoardRequest) -> None:
        with self._lock:
            running = self._threads.get(request)
            if running is not None and running.is_alive():
                return
            thread = threading.Thread(target=self._in_background, args=(request,), name="board", daemon=True)
            self._threads[request] = thread
        thread.start()

    def _in_background(self, request: BoardRequest) -> None:
        try:
            self._made(request)
        except Exception:  # a thread's boundary: the kept board stays, the log has the reason
            log.exception("The board %s could not be made anew.", request)
        finally:
            with self._lock:
                self._threads.pop(request, None)

    def _keep(self, request: BoardRequest, made: Kept[T]) -> None:
        with self._lock:
            self._kept[request] = made
            self._kept.move_to_end(request)
            large = [key for key, kept in self._kept.items() if kept.made.rows > self._background]
            for key in large[:-KEPT_LARGE]:
                self._drop(key)
            while len(self._kept) > KEPT:
                self._drop(next(iter(self._kept)))

    def _drop(self, request: BoardRequest) -> None:
        self._kept.pop(request, None)
        self._locks.pop(request, None)
