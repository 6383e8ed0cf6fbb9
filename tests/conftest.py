"""For every test: Hypothesis judges what is computed, not how long a busy machine takes over it; and where several
processes share the work, the tests of a file stay together, so that what a file sets up is set up once, and all browser
tests stay together, so that one browser and one server at a time have the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

BROWSER = Path(__file__).parent / "browser"

settings.register_profile("runoff", deadline=None)
settings.load_profile("runoff")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups for pytest-xdist (``--dist loadgroup``)."""
    for item in items:
        group = "browser" if item.path.is_relative_to(BROWSER) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
