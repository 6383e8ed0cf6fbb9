"""Imports every module of this package, so that a new strategy file registers itself."""

from __future__ import annotations

import importlib
import pkgutil

import core.strategies

# Modules that stand above the strategies and would import this one in a circle.
ABOVE = frozenset({"all", "resolve", "snippets"})

for _module in pkgutil.iter_modules(core.strategies.__path__):
    if _module.name not in ABOVE:
        importlib.import_module(f"core.strategies.{_module.name}")
