"""Importing packages without what they only need for models, services and downloads.

``bare("a", "a.b")`` lets modules of the packages a and a.b be imported without running their ``__init__``, which pull
in everything they have. Within ``absent("openai", ...)`` a missing package, and anything under it, is an empty module
whose every name is a class that takes anything; called with a text or a function it gives that back, so that missing
decorators and normalisers change nothing. None of it stays in ``sys.modules``; installed packages are used as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class Anything:
    """Stands for any class, function or decorator of a missing package."""

    def __new__(cls, *given: object, **_: object) -> Any:  # noqa: ANN401
        """As a function of one text or function it changes nothing."""
        plain = Anything in cls.__bases__ and len(given) == 1 and (callable(given[0]) or isinstance(given[0], str))
        return given[0] if plain else super().__new__(cls)

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


class _TypedDict(dict[Any, Any]):
    @classmethod
    def empty(cls, **_: object) -> _TypedDict:
        return cls()


# What stands for names of missing packages that must do something: numba's loops and containers are Python's own.
PLAIN: dict[str, object] = {
    "numba.prange": range,
    "numba.types": Anything(),
    "numba.typed.Dict": _TypedDict,
    "numba.typed.List": list,
}


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if (given := PLAIN.get(f"{self.__name__}.{name}")) is not None:
            return given
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


def bare(*packages: str) -> None:
    """Packages as mere folders; parents first. ModuleNotFoundError for one that is not installed."""
    for name in packages:
        if name in sys.modules:
            continue
        parent, _, own = name.rpartition(".")
        found = find_spec(name) if not parent else None
        if not parent and (found is None or found.submodule_search_locations is None):
            raise ModuleNotFoundError(f"{name} is not installed; pip install --no-deps -r benchmarks/requirements.txt")
        folders = [f"{path}/{own}" for path in sys.modules[parent].__path__] if parent else []
        module = ModuleType(name)
        module.__path__ = folders or list(found.submodule_search_locations)  # type: ignore[union-attr, arg-type]
        sys.modules[name] = module
        if parent:
            setattr(sys.modules[parent], own, module)
