"""Commits of known checkpoints as the hub stated them, kept in one file of the cache with the date.

A commit stays what it was until somebody looks the checkpoint up again: nothing moves by itself. What the hub states
otherwise than the catalogue is told (``differences``) and never taken over.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.catalog.checkpoints.checkpoint import Checkpoint
from core.domain.codec import CodecError, from_json, to_json

FILE = "checkpoints.json"
MAIN = "main"  # the branch that is looked up unless a checkpoint states another
SAME_SIZE = 0.15  # cards round: "0.6B" may be 595,776,512 parameters, with or without the embedding


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """``parameters``: sum over the safetensors files, None where there are none. ``architectures``: of config.json.

    ``safetensors``: whether there are weights that Runoff loads. ``own_code``: whether the configuration names classes
    of program code beside the weights. ``download_bytes``: of the files that a download takes, None where not stated.
    """

    commit: str
    parameters: int | None
    licence: str
    architectures: tuple[str, ...]
    safetensors: bool
    own_code: bool
    download_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """``revision``: what was asked for, a branch or a reference; ``facts.commit`` is where it stood at ``at`` (UTC)."""

    hub_id: str
    revision: str
    at: datetime
    facts: HubFacts


class ResolvedFile:
    """The file; read again when another process changed it. Safe to share between threads."""

    def __init__(self, cache_dir: Path) -> None:
        self.path = cache_dir / FILE
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._known: Mapping[str, Resolved] = {}

    def all(self) -> Mapping[str, Resolved]:
        """Checkpoint id to what was found; the same mapping until the file changes."""
        with self._lock:
            stamp = _stamp(self.path)
            if stamp != self._stamp:
                self._known, self._stamp = _read(self.path), stamp
            return self._known

    def keep(self, found: Mapping[str, Resolved]) -> None:
        """Add to what is there; OSError where the cache cannot be written."""
        with self._lock:
            known = {**_read(self.path), **found}
            table = {id: to_json(one) for id, one in sorted(known.items())}
            aside = self.path.with_name(f"{FILE}.{os.getpid()}")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(table, indent=1), "utf-8")
            aside.replace(self.path)
            self._stamp = None


def resolved_now(hub_id: str, revision: str, facts: HubFacts) -> Resolved:
    """What was found just now."""
    return Resolved(hub_id=hub_id, revision=revision, at=datetime.now(UTC), facts=facts)


def differences(checkpoint: Checkpoint, facts: HubFacts) -> tuple[str, ...]:
    """Where the hub states something else than the catalogue, in words."""
    found = []
    size, licence = checkpoint.size.value, checkpoint.licence.value
    if size and facts.parameters and abs(size - facts.parameters) > SAME_SIZE * size:
        found.append(f"size: {size:,} parameters in the catalogue, {facts.parameters:,} on the hub")
    if licence and facts.licence and licence != facts.licence:
        found.append(f"licence: {licence} in the catalogue, {facts.licence} on the hub")
    if checkpoint.revision.value and checkpoint.revision.value != facts.commit:
        found.append(f"revision: {checkpoint.revision.value} in the catalogue, {facts.commit} on the hub")
    return tuple(found)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _read(file: Path) -> Mapping[str, Resolved]:
    """What stands there; entries that cannot be read are as good as absent, since they can be looked up again."""
    try:
        table = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    found = {}
    for id, one in table.items() if isinstance(table, dict) else ():
        try:
            found[str(id)] = from_json(Resolved, one)
        except CodecError:
            continue
    return found
