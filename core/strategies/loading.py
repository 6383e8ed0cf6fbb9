"""Strategies of the user's own: a Python file outside the repository, loaded by path.

The file is executed with the rights of this program, so load only files you trust. Loading the same
file again replaces what it registered before; a file that fails leaves everything as it was.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from core.domain.errors import InvalidInputError
from core.strategies.base import StrategyInfo, discard, registered, restore


def load_file(path: Path | str) -> tuple[StrategyInfo, ...]:
    """Register the strategies of a file; the infos it registered, by name.

    InvalidInputError where the file is missing, cannot be run (with its line), or registers nothing.
    """
    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise InvalidInputError(f"There is no strategy file {str(path)!r}.")
    if file.suffix != ".py":
        raise InvalidInputError(f"A strategy file ends in .py; {file.name!r} does not.")
    name = module_name(file)
    before, known = discard(name), sys.modules.get(name)
    try:
        _execute(file, name)
        found = tuple(info for _, info in sorted(registered().items()) if info.type.__module__ == name)
        if not found:
            raise InvalidInputError(f"{file.name} registers no strategy: put @strategy(...) above a frozen dataclass.")
    except InvalidInputError:
        discard(name)
        restore(before)
        _put_module(name, known)
        raise
    return found


def module_name(file: Path) -> str:
    """The module name that stands for a file: always the same for the same path."""
    return f"runoff_strategy_{hashlib.sha256(str(file).encode()).hexdigest()[:16]}"


def _execute(file: Path, name: str) -> None:
    specification = importlib.util.spec_from_file_location(name, file)
    if specification is None or specification.loader is None:
        raise InvalidInputError(f"{file.name} cannot be loaded as a Python module.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        code = compile(file.read_bytes(), str(file), "exec")
        exec(code, module.__dict__)  # not the loader: it may take a stale cached version of the file
    except SyntaxError as error:
        raise InvalidInputError(f"{file.name}, line {error.lineno}: {error.msg}.") from error
    except InvalidInputError as error:
        raise InvalidInputError(f"{file.name}: {error}") from error
    except (Exception, SystemExit) as error:  # a user's file may raise anything while it is run
        raise InvalidInputError(f"{file.name}, line {_line(error, file)}: {type(error).__name__}: {error}") from error


def _line(error: BaseException, file: Path) -> int | None:
    """The last line of the file that the error passed through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return lines[-1] if lines else None


def _put_module(name: str, module: ModuleType | None) -> None:
    if module is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = module
