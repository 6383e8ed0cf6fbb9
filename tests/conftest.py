"""For every test: Hypothesis judges what is computed, not how long a busy machine takes over it."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("runoff", deadline=None)
settings.load_profile("runoff")
