"""One piece of work for the engine inside a job: waits for its end, and ends at once when the job should stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.domain.errors import EngineError, StorageError
from core.domain.ports import Engine
from core.domain.work import Ended, Event, Work
from core.services.task import InterruptedTaskError, Task

log = logging.getLogger(__name__)


class EngineWork:
    """Does works one after the other for one job. ``lost``: why a result could not be recorded, if that happened."""

    def __init__(self, engine: Engine, task: Task) -> None:
        self._engine = engine
        self._task = task
        self.lost = ""

    def do(self, work: Work, hear: Callable[[Event], None]) -> str:
        """Block until the work ended; why the engine gave it up, empty where it did not.

        ``hear`` gets every other event, on the engine's thread. CancelledError, InterruptedTaskError; EngineError where
        the engine cannot be started any more, so that nothing else can be done either.
        """
        self._task.check()
        ended: list[Ended] = []
        over = threading.Event()

        def listen(event: Event) -> None:
            if isinstance(event, Ended):
                ended.append(event)
                over.set()
                return
            try:
                hear(event)
            except StorageError as error:
                log.exception("job %s could not record a result", self._task.id)
                self.lost = str(error)

        with self._task.stopped_by(lambda: self._engine.cancel(work.job)):
            self._engine.submit(work, listen)
            if self._task.cancelled():  # asked for before the engine knew the work
                self._engine.cancel(work.job)
            over.wait()
        if ended[0].interrupted:
            raise InterruptedTaskError("The engine was closed.")
        self._task.check()
        if ended[0].error and self._engine.status().state == "failed":
            raise EngineError(ended[0].error)
        return "It was cancelled." if ended[0].cancelled else ended[0].error
