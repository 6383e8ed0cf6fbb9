"""SHA-256 of files and of model folders, remembered by size and modification time.

A folder's digest covers the relative path and the SHA-256 of every model file in it (canonical JSON of the
sorted pairs), so a changed tokenizer is a changed revision.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path

from core.catalog.places import is_model_file
from core.domain.canonical import digest


class DigestCache:
    """Digests of large files, kept in one disposable JSON file; safe to share between threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known = _read(file)

    def file(self, path: Path) -> str:
        """SHA-256 of ``path``; read again only if its size or modification time changed. OSError if unreadable."""
        stat = path.stat()
        key, stamp = str(path.resolve()), [stat.st_size, stat.st_mtime_ns]
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[:2] == stamp:
            return str(known[2])
        with path.open("rb") as handle:
            value = hashlib.file_digest(handle, "sha256").hexdigest()
        with self._lock:
            self._known[key] = [*stamp, value]
            self._write()
        return value

    def folder(self, folder: Path) -> str:
        """Digest of the model files in ``folder``, sub-folders included."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        named = [(path.relative_to(folder).as_posix(), path) for path in files]
        return digest([[name, self.file(path)] for name, path in named if is_model_file(name)])

    def _write(self) -> None:
        aside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(self._known), "utf-8")
            aside.replace(self._file)
        except OSError:
            aside.unlink(missing_ok=True)  # a cache that cannot be written costs time, nothing else


def _read(file: Path) -> dict[str, list[int | str]]:
    try:
        table = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {key: value for key, value in table.items() if isinstance(value, list) and len(value) == 3}
