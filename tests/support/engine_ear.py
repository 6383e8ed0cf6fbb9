"""A real engine process over the small models, and a listener that keeps what it hears."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.work import Ended
from core.engine.client import EngineClient
from core.engine.supervisor import Timing
from core.settings import Settings

MODULE = "tests.support.fake_worker"
QUICK = Timing(backoff_s=0.01, backoff_max_s=0.05, silence_s=30, stall_s=30, stop_s=2, give_up_after=5)


def settings_in(home: Path) -> Settings:
    return Settings(home=home, database_url="sqlite://", device="cpu", threads=1, models={}, endpoints={})


class Ear:
    """A listener that keeps what it hears, with the thread and the time."""

    def __init__(self):
        self.events, self.threads, self.times = [], set(), []
        self._ended = threading.Event()

    def __call__(self, event):
        self.events.append(event)
        self.threads.add(threading.current_thread().name)
        self.times.append(time.monotonic())
        if isinstance(event, Ended):
            self._ended.set()

    def end(self, timeout=15) -> Ended:
        assert self._ended.wait(timeout), f"no end within {timeout} s; heard {self.events}"
        return self.events[-1]

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind, timeout=10):
        until = time.monotonic() + timeout
        while not self.of(kind):
            assert time.monotonic() < until, f"no {kind.__name__}"
            time.sleep(0.005)


def wait_until(condition, timeout=10):
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


@contextmanager
def client_of(home: Path) -> Iterator[EngineClient]:
    """A client with an engine process of its own."""
    client = EngineClient(settings_in(home), module=MODULE, timing=QUICK)
    yield client
    client.close()
