"""A collection whose battles are prepared."""

from __future__ import annotations

import time

from core.bootstrap import App


def prepared(app: App, collection: str, seconds: float = 10.0) -> None:
    """Prepare and wait until it is done."""
    app.preparation.ensure(collection)
    wait_prepared(app, collection, seconds)


def wait_prepared(app: App, collection: str, seconds: float = 10.0) -> None:
    """Wait until nothing is being prepared."""
    deadline = time.monotonic() + seconds
    while app.preparation.preparing(collection):
        assert time.monotonic() < deadline, f"{collection} was not prepared in {seconds} s"
        time.sleep(0.01)
