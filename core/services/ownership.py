"""Which process owns a job: a file lock held as long as the process lives, so that a crash frees it."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path


class Owner:
    """This process as an owner of jobs. ``name`` is unique; its lock file goes with the process."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._file = (directory / f"{self.name}.lock").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def alive(self, name: str) -> bool:
        """Whether the process called ``name`` still runs."""
        if name == self.name:
            return True
        path = self._directory / f"{name}.lock"
        if not name or not path.exists():
            return False
        with path.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        path.unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Give up ownership."""
        self._file.close()
        (self._directory / f"{self.name}.lock").unlink(missing_ok=True)
