"""Imports every module of this package, so that a new strategy file registers itself."""

from __future__ import annotations

import importlib
import pkgutil

import core.strategies

# What stands above the strategies and would import this module in a circle.
ABOVE = ("core.strategies.all", "core.strategies.resolve", "core.strategies.snippets")

for _module in pkgutil.walk_packages(core.strategies.__path__, "core.strategies."):
    if not _module.name.startswith(ABOVE):
        importlib.import_module(_module.name)
