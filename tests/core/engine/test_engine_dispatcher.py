"""Events reach their listeners, in order, also those that come when the engine was closed."""

from __future__ import annotations

import threading

from core.domain.work import Ended, Event
from core.engine.dispatcher import Dispatcher


def test_what_comes_after_the_end_is_delivered_too() -> None:
    """Whoever submits work to a closed engine waits for its end, and would wait for ever."""
    heard: list[str] = []
    last = threading.Event()

    def listen(event: Event) -> None:
        heard.append(event.job)
        if event.job == "late":
            last.set()

    dispatcher = Dispatcher()
    dispatcher.put(listen, Ended(job="early"))
    dispatcher.close(5.0)
    dispatcher.put(listen, Ended(job="late", interrupted=True))
    assert last.wait(5)
    assert heard == ["early", "late"]
