"""The small collection with battles ready, and a poll that casts votes on it."""

from __future__ import annotations

import time

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from tests.support.board_votes import QUERIES, Poll, fingerprints


@pytest.fixture
def ready(app: App, small: Collection) -> App:
    app.preparation.ensure("small")
    while app.preparation.preparing("small"):
        time.sleep(0.01)
    return app


@pytest.fixture
def names(ready: App) -> dict[str, str]:
    found = fingerprints(ready)
    return {**found, "rrf": next(f for spec, f in found.items() if spec.startswith("rrf"))}


@pytest.fixture
def poll(ready: App, small: Collection) -> Poll:
    return Poll(ready.store, small.fingerprint, QUERIES)
