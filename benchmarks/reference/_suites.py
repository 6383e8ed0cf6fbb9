"""The suites of this package, found by their files and run one to a process."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import pkgutil

from benchmarks import reference
from benchmarks.reference.tally import Row

HELPERS = frozenset({"absent", "llm_rankers", "models", "opinions", "rank_llm", "tally"})


def suites() -> list[str]:
    """Modules of this package that compare something."""
    names = [module.name for module in pkgutil.iter_modules(reference.__path__)]
    return sorted(name for name in names if not name.startswith("_") and name not in HELPERS)


def run_suite(name: str) -> list[Row]:
    """All rows of one suite; what the packages print is dropped."""
    logging.disable(logging.WARNING)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return list(importlib.import_module(f"benchmarks.reference.{name}").rows())
