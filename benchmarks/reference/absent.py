"""Importing packages without what they only need for models, services and downloads.

Within ``absent("openai", ...)`` a missing package, and anything under it, is an empty module whose every name is a
class that takes anything. Nothing of it stays in ``sys.modules``; packages that are installed are used as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Anything:
    """Stands for any class or decorator of a missing package."""

    def __init__(self, *_: object, **__: object) -> None:
        """Takes anything."""

    def __call__(self, *given: object, **_: object) -> object:
        """As a decorator it changes nothing."""
        return given[0] if given else self

    def __getattr__(self, name: str) -> object:
        """Has every attribute."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Anything,), {})


class _Finder(MetaPathFinder, Loader):
    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Only for the named packages; asked after everything that is installed."""
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in self.names else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs."""


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """For the time of an import."""
    finder = _Finder(names)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _Empty)]:
            del sys.modules[name]
