"""The real application in a process of its own: ``python -m streamlit run app.py`` over a RUNOFF_HOME of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from core.bootstrap import App, start
from core.domain.jobs import JobKind, JobState
from core.settings import PROJECT, Settings, load_settings
from db.store import SqlStore

START_SECONDS = 60.0


class Server:
    """A server over ``home``; used in a ``with`` statement, after which neither it nor its engine runs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.answered_at = 0.0  # seconds since the epoch, when the health page answered first
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        command += ["--server.address", "localhost"]
        environment = {**os.environ, "RUNOFF_HOME": str(self.home)}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    @property
    def base(self) -> str:
        """Host and port."""
        return f"localhost:{self.port}"

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.home.with_suffix(".server.log")

    @property
    def settings(self) -> Settings:
        """Those of the server."""
        return load_settings({"RUNOFF_HOME": str(self.home)})

    @contextmanager
    def app(self) -> Iterator[App]:
        """The application over the same home in this process, without a page; the server should have ended."""
        made = start(self.settings)
        try:
            yield made
        finally:
            made.close()

    def memory_mb(self) -> float:
        """Resident memory of the web process alone, in MB (10^6 bytes), from the kernel."""
        if self._process is None:
            raise RuntimeError("The server is not running.")
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        return kilobytes * 1024 / 1e6

    def store(self) -> SqlStore:
        """The same database, read from here."""
        return SqlStore(self.settings.database_url, self.home)

    def wait_until_prepared(self, timeout: float) -> bool:
        """Whether the background preparation of battles has ended within ``timeout`` seconds."""
        store = self.store()
        try:
            deadline, quiet = time.monotonic() + timeout, 0
            while time.monotonic() < deadline:
                jobs = [job for job in store.jobs(limit=50) if job.kind is JobKind.PREPARE]
                idle = bool(jobs) and all(job.state is not JobState.RUNNING for job in jobs)
                quiet = quiet + 1 if idle else 0
                if quiet == 3:  # one job follows another within moments
                    return True
                time.sleep(0.5)
            return False
        finally:
            store.close()

    def stop(self) -> None:
        """Ask it to end, then insist; its engine ends with it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            _end_group(process.pid)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.02)
        self.answered_at = time.time()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.base}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def convert_models(home: Path) -> None:
    """The bundled models, converted below ``home`` by a process of its own: torch stays out of this one."""
    command = [sys.executable, "-m", "core.models.bundled"]
    done = subprocess.run(command, cwd=PROJECT, env={**os.environ, "RUNOFF_HOME": str(home)}, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"The bundled models could not be prepared: {done.stderr.decode(errors='replace')[-2000:]}")


def fresh_home(home: Path, seed: Path) -> Path:
    """A RUNOFF_HOME with nothing in it but the converted models of ``seed``."""
    (home / "cache").mkdir(parents=True)
    converted = seed / "cache" / "converted"
    shutil.copytree(converted, home / "cache" / "converted", copy_function=os.link)
    shutil.copy(seed / "cache" / "digests.json", home / "cache" / "digests.json")
    return home


def _end_group(leader: int) -> None:
    """End what the server may have left in its own process group."""
    try:
        os.killpg(leader, signal.SIGTERM)
    except ProcessLookupError:
        return
