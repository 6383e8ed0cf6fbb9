"""Folders of index files: made aside, published by a rename, described by a manifest, checked before use.

``manifest.json`` has the settings that the index was made with and the SHA-256 of every other file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from core.domain.canonical import Json
from core.domain.errors import StorageError
from core.retrieval.step import Step, Steps

MANIFEST = "manifest.json"
PART = 32_000_000  # bytes that are hashed in one step, some 50 ms


class DamagedIndexError(StorageError):
    """There is no index, or it cannot be used; the message says why."""


def checked(folder: Path, settings: Mapping[str, Json], *, note: str) -> Steps[None]:
    """Nothing where every file in ``folder`` is as the manifest says; DamagedIndexError otherwise."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["settings"] != settings:
            raise DamagedIndexError("made with other settings")
        for name, known in manifest["files"].items():
            if (yield from sha256(folder / name, note=note)) != known:
                raise DamagedIndexError(f"{name} is damaged")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedIndexError(f"none that can be read ({type(error).__name__})") from error


def described(folder: Path, settings: Mapping[str, Json], *, note: str) -> Steps[None]:
    """Write the manifest of what lies in ``folder``."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            files[path.name] = yield from sha256(path, note=note)
    (folder / MANIFEST).write_text(json.dumps({"settings": settings, "files": files}, indent=1), "utf-8")


def aside_of(folder: Path) -> Path:
    """A new empty folder beside ``folder``, to be published or removed."""
    aside = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    aside.mkdir(parents=True)
    return aside


def publish(aside: Path, folder: Path) -> None:
    """Put ``aside`` in the place of ``folder``."""
    old = folder.with_name(f".{folder.name}-old-{uuid.uuid4().hex}")
    try:
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)
    except OSError:
        if not (folder / MANIFEST).is_file():  # else another process was quicker; its index is the same
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def sha256(path: Path, *, note: str) -> Steps[str]:
    """64 hexadecimal digits, read in parts."""
    found = hashlib.sha256()
    size = path.stat().st_size
    with path.open("rb") as file:
        while part := file.read(PART):
            found.update(part)
            yield Step(note=note, done=file.tell(), total=size)
    return found.hexdigest()
