"""A model in bf16, registered by a person."""

import pytest

from core.bootstrap import App
from core.domain.models import ModelEntry

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def lowered(app: App) -> ModelEntry:
    entry = app.catalog.describe(
        "mine",
        {"source": "hub:owner/name", "revision": COMMIT, "kind": "cross-encoder", "precision": "bf16"},
    )
    app.systems.register(entry)
    return entry
