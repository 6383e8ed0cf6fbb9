"""Runs one import in a process of its own: ``python -m core.datasets``, spoken to in lines of JSON."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from core.datasets.child_messages import Order, imported_from
from core.datasets.importing import Imported
from core.domain.errors import CancelledError, InvalidInputError, StorageError, StorageFullError
from core.settings import PROJECT

PATIENCE_SECONDS = 5.0
_KINDS = {"StorageError": StorageError, "StorageFullError": StorageFullError}
log = logging.getLogger(__name__)


class Hearer(Protocol):
    """Who follows an import."""

    def report(self, *, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Bytes read, bytes in all (0: not known), what is going on."""
        ...

    def cancelled(self) -> bool:
        """Whether to stop."""
        ...


class ImportProcess:
    """One import. The process goes when its standard input closes, and takes along what it has built."""

    def __init__(self) -> None:
        """Start it, so that it can load what it needs; StorageError where that is impossible."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed when the process has been followed)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.datasets"],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,  # a file: nobody reads a pipe while it works, and a full one would stop it
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which closes the pipe
            )
        except OSError as error:
            self._said.close()
            raise StorageError(f"The process that imports could not be started: {error}.") from error

    def follow(self, order: Order, hearer: Hearer) -> Imported:
        """Let it import and hear it to its end: the collection, its file still aside. CancelledError; its error."""
        answer: dict[str, object] = {}
        try:
            with _ended(self._process):
                self._send(order)
                for message in self._messages():
                    if "done" in message:
                        hearer.report(done=int(str(message["done"])), total=int(str(message["total"])))
                    elif "say" in message:
                        hearer.report(message=str(message["say"]))
                    else:
                        answer = message
                    if hearer.cancelled():
                        raise CancelledError("The import was cancelled; nothing was imported.")
                return self._result(answer, hearer)
        except BaseException:
            order.aside.unlink(missing_ok=True)
            raise
        finally:
            self._said.close()

    def close(self) -> None:
        """Let it go unused; harmless when it has been followed."""
        with _ended(self._process):
            self._said.close()

    def stop(self) -> None:
        """End it now; safe from every thread, harmless when it has ended."""
        self._process.kill()

    def _send(self, order: Order) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # it died at once; its answer is missing then
                pipe.write(json.dumps(order.as_json()) + "\n")
                pipe.flush()

    def _messages(self) -> Iterator[dict[str, object]]:
        for line in self._process.stdout or ():
            yield json.loads(line)

    def _result(self, answer: dict[str, object], hearer: Hearer) -> Imported:
        if "imported" in answer:
            return imported_from(answer["imported"])  # type: ignore[arg-type]  # the other side is ours
        if "error" in answer:
            raise _KINDS.get(str(answer.get("kind")), InvalidInputError)(str(answer["error"]))
        if hearer.cancelled():
            raise CancelledError("The import was cancelled; nothing was imported.")
        status = self._process.wait(PATIENCE_SECONDS)
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip()
        log.error("the process that imports ended with status %s: %s", status, said[-4000:])
        last = said.splitlines()[-1] if said else "it may have run out of memory"
        raise StorageError(f"The process that imports ended with status {status}: {last}. Nothing was imported.")


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """Whatever happens inside, the process and its pipes are gone afterwards."""
    try:
        yield
    finally:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def sample_at_hand(directory: Path) -> Iterator[ImportProcess | None]:
    """At the first start, when ``directory`` has no collection: the process that will import the sample loads what it
    needs (0.35 s of computing, measured) while the application opens its database."""
    process = None if any(directory.glob("*.sqlite")) else ImportProcess()
    try:
        yield process
    finally:
        if process is not None:
            process.close()
