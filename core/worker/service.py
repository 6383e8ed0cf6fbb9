"""The engine process between socket and scheduler: threads, heartbeat, messages in and out.

Threads: the lifeline reads frames; the router decodes them and says at once that a job is to be cancelled or that a
person's work has come, for the batch that runs; the main thread runs the scheduler; one thread sends signs of life;
downloads have their own.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.domain.errors import RunoffError
from core.domain.work import Event
from core.engine.messages import (
    Beat,
    Began,
    Cancel,
    Configure,
    Finished,
    FromWorker,
    Message,
    Pardon,
    Said,
    State,
    Stop,
    Submit,
    Unload,
)
from core.engine.protocol import ProtocolError, decode, encode
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.lifeline import Lifeline
from core.worker.machine import describe_device
from core.worker.pulse import Pulse
from core.worker.reporter import Reporter
from core.worker.scheduler import Hooks, Place, Scheduler, Tools

log = logging.getLogger(__name__)

WARM_AFTER_S = 0.3  # without work since the start


def serve(lifeline: Lifeline, tools: Tools, load_file: Callable[[Path], object]) -> None:
    """Work until the front process says stop or is gone; never returns."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(process)d] %(levelname)s %(name)s: %(message)s")
    faulthandler.enable()
    first = decode(lifeline.next())
    if not isinstance(first, Configure):
        raise ProtocolError(f"The first message must be Configure, not {type(first).__name__}.")
    Service(lifeline, tools, first, _load_files(first, load_file)).run()


class Service:
    """One configured engine process."""

    def __init__(self, lifeline: Lifeline, tools: Tools, configuration: Configure, detail: str) -> None:
        self._lifeline, self._configuration, self._detail = lifeline, configuration, detail
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._reporter = Reporter(self._state, self._send, time.monotonic)
        hooks = Hooks(tell=self._tell, announce=self._announce, changed=self._reporter.now)
        place = Place(
            device=configuration.device,
            threads=configuration.threads,
            cache_dir=configuration.cache_dir,
            model_memory_bytes=configuration.model_memory_mb * 1_000_000,
            suspects=configuration.suspects,
            poisoned=dict(configuration.poisoned),
        )
        disk = DiskCache(configuration.cache_dir / "answers.sqlite", configuration.answer_cache_mb * 1_000_000)
        self._cache = AnswerCache(disk)
        self._scheduler = Scheduler(tools, hooks, place, self._cache)
        self._warm, self._beat_s = tools.warm, configuration.beat_s

    def run(self) -> None:
        """Serve for ever."""
        threading.Thread(target=self._route, name="router", daemon=True).start()
        threading.Thread(target=self._beat, args=(self._scheduler.pulse,), name="heartbeat", daemon=True).start()
        self._reporter.now()
        self._await_first_work()
        busy = True
        while True:
            self._take_messages(wait=not busy)
            busy = self._scheduler.step()
            self._reporter.poll()

    def _await_first_work(self) -> None:
        """Where none comes at once, the wait is used to import what the first work will probably need."""
        try:
            self._apply(self._inbox.get(timeout=WARM_AFTER_S))
        except queue.Empty:
            threading.Thread(target=self._warm, name="warm-up", daemon=True).start()
            self._apply(self._inbox.get())

    def _take_messages(self, *, wait: bool) -> None:
        if wait:
            try:
                self._apply(self._inbox.get(timeout=self._reporter.due_s()))
            except queue.Empty:
                self._reporter.now()
        while not self._inbox.empty():
            self._apply(self._inbox.get())

    def _apply(self, message: Message) -> None:
        if isinstance(message, Submit):
            self._scheduler.submit(message.work)
        elif isinstance(message, Cancel):
            self._scheduler.cancel(message.job)
        elif isinstance(message, Pardon):
            self._scheduler.pardon()
        elif isinstance(message, Unload):
            self._scheduler.unload(message.model)

    def _route(self) -> None:
        while True:
            message = decode(self._lifeline.next())
            if isinstance(message, Stop):
                os._exit(0)
            if isinstance(message, Cancel):
                self._scheduler.flag(message.job)
            elif isinstance(message, Submit):
                self._scheduler.arrived(message.work)
            self._inbox.put(message)

    def _beat(self, pulse: Pulse) -> None:
        while True:
            self._send(Beat(turn=pulse.turn, activity=pulse.activity))
            time.sleep(self._beat_s)

    def _send(self, message: FromWorker) -> None:
        self._lifeline.send(encode(message))

    def _tell(self, event: Event) -> None:
        self._send(Said(event=event))

    def _announce(self, keys: tuple[str, ...] | None) -> None:
        self._send(Finished() if keys == () else Began(keys=keys or ()))

    def _state(self) -> State:
        return State(
            device=describe_device(self._configuration.device),
            machine=self._scheduler.machine(),
            models=self._scheduler.models(),
            model_memory_bytes=self._configuration.model_memory_mb * 1_000_000,
            cache=self._cache.state(),
            detail=self._detail,
        )


def _load_files(configuration: Configure, load_file: Callable[[Path], object]) -> str:
    """Register the user's strategy files; what went wrong, in words."""
    problems = []
    for path in configuration.extra_files:
        try:
            load_file(path)
        except (RunoffError, OSError) as error:
            log.warning("Strategy file %s is left out: %s", path, error)
            problems.append(f"{path.name} is left out: {error}")
    return " ".join(problems)
