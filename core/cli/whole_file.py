"""A file written whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from core.domain.errors import StorageError

T = TypeVar("T")


def write_whole(path: Path, write: Callable[[BinaryIO], T]) -> T:
    """Let ``write`` fill a file beside ``path`` and rename it into place; folders are made. What ``write`` returned.

    StorageError where it cannot be written; nothing is left then.
    """
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as stream:
            result = write(stream)
        os.replace(aside, path)
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error.strerror}.") from error
    finally:
        aside.unlink(missing_ok=True)
    return result
