"""One index that several searches wait for: built once, by whoever is driven, and given up when nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from core.retrieval.step import Made, Step, Steps, Wanted


class Shared(Generic[Made]):
    """Not for several threads: the engine's model thread alone builds indexes."""

    def __init__(self) -> None:
        self._made: Made | None = None
        self._build: Steps[Made] | None = None
        self._asked: Step | Wanted | None = None
        self._waiting = 0

    def steps(self, make: Callable[[], Steps[Made]]) -> Steps[Made]:
        """What ``make`` returns; its steps, where it has not been made yet. What it raises ends this build for all."""
        self._waiting += 1
        try:
            while self._made is None:
                if self._build is None:
                    self._build = make()
                    self._advance()
                asked = self._asked
                if asked is None:
                    continue
                yield asked
                if self._asked is asked and not (isinstance(asked, Wanted) and not asked.complete):
                    self._advance()  # unless somebody else who waits has done so meanwhile
            return self._made
        finally:
            self._waiting -= 1
            if self._waiting == 0 and self._build is not None:
                self._build.close()
                self._build = self._asked = None

    def _advance(self) -> None:
        build, self._asked = self._build, None
        if build is None:
            return
        try:
            self._asked = next(build)
        except StopIteration as stop:
            self._build, self._made = None, stop.value
        except BaseException:
            self._build = None
            raise
