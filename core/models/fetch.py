"""Download of one hub model at its pinned commit: progress, cancel, resume, every file checked by its digest.

Written by hand because huggingface_hub throws a partial file away when a download is cancelled or killed, so it
cannot resume; its token (HF_TOKEN or a login) and HF_ENDPOINT are honoured. Files land in ``<commit>.partial``
and the folder is renamed to ``<commit>`` when all are there, so a folder that exists is complete. Only
configuration, tokenizer and safetensors are fetched, never pickled weights or code.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from filelock import FileLock

from core.catalog.hub import CAUSES, hub_address, hub_client, hub_headers
from core.catalog.places import hub_folder, is_model_file, source_parts
from core.domain.errors import CancelledError, InvalidInputError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.models.environment import prepare_environment

ATTEMPTS = 3

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """A file of the repository. ``sha256``: of large files only; ``blob``: git's SHA-1 of header and content."""

    path: str
    size: int
    sha256: str | None
    blob: str


def fetch(entry: ModelEntry, cache_dir: Path, progress: Progress, cancelled: Cancelled) -> Path:
    """Download ``entry`` (source "hub:owner/name") and return its folder; at once if it is there already.

    ``progress`` hears (bytes done, bytes in all), with what an earlier attempt left counted as done.
    CancelledError keeps what is there for the next attempt; ModelUnavailableError says what went wrong.
    """
    scheme, name = source_parts(entry)
    if scheme != "hub":
        raise InvalidInputError(f"{entry.id} comes from {entry.source}; only hub models are downloaded.")
    if not entry.revision:
        raise InvalidInputError(f"{entry.id} has no commit yet; run python -m core systems --resolve {entry.id} first.")
    target = hub_folder(cache_dir, name, entry.revision)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.is_dir():
            partial = target.with_name(f"{target.name}.partial")
            _download(name, entry.revision, partial, progress, cancelled)
            partial.rename(target)
    return target


def _download(name: str, revision: str, folder: Path, progress: Progress, cancelled: Cancelled) -> None:
    if cancelled():
        raise CancelledError("Cancelled.")
    done = 0
    with hub_client() as client:
        files = _wanted(name, _list(client, name, revision))
        total = sum(file.size for file in files)
        _check_space(folder, total)
        for file in files:
            before = done

            def report(bytes_of_file: int, before: int = before) -> None:
                progress(before + bytes_of_file, total)

            _one_file(client, name, revision, file, folder / file.path, report, cancelled)
            done += file.size
    progress(total, total)


def _list(client: httpx.Client, name: str, revision: str) -> list[HubFile]:
    """All files of the repository at ``revision``, page by page (GET /api/models/{id}/tree/{revision})."""
    address: str | None = f"{hub_address()}/api/models/{name}/tree/{revision}?recursive=true"
    files: list[HubFile] = []
    while address is not None:
        try:
            response = client.get(address, headers=_headers(0))
            items = response.raise_for_status().json()
            files += [_file(item) for item in items if item["type"] == "file"]
        except httpx.HTTPStatusError as error:
            cause = CAUSES.get(error.response.status_code, f"HTTP {error.response.status_code}")
            raise ModelUnavailableError(f"Could not download {name} at {revision[:12]}: {cause}.") from error
        except httpx.TransportError as error:
            raise ModelUnavailableError(f"Could not download {name}: the hub cannot be reached ({error}).") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelUnavailableError(
                f"Could not download {name}: {hub_address()} does not answer as a hub."
            ) from error
        address = response.links.get("next", {}).get("url")
    return files


def _file(item: Mapping[str, Any]) -> HubFile:
    large = item.get("lfs") or {}
    return HubFile(path=str(item["path"]), size=int(item["size"]), sha256=large.get("oid"), blob=str(item["oid"]))


def _wanted(name: str, files: Sequence[HubFile]) -> list[HubFile]:
    chosen = [file for file in files if is_model_file(file.path)]
    if not any(file.path.endswith(".safetensors") for file in chosen):
        raise ModelUnavailableError(f"{name} has no safetensors weights at this revision; pickled ones are refused.")
    return sorted(chosen, key=lambda file: (file.size, file.path))


def _check_space(folder: Path, total: int) -> None:
    free = shutil.disk_usage(folder.parent).free
    if total > free:
        raise ModelUnavailableError(f"{total / 1e9:.1f} GB are needed for the download, {free / 1e9:.1f} GB are free.")


def _one_file(
    client: httpx.Client,
    name: str,
    revision: str,
    file: HubFile,
    target: Path,
    report: Callable[[int], None],
    cancelled: Cancelled,
) -> None:
    """Fetch one file, going on where its part ends; a part whose digest is wrong is thrown away."""
    if target.is_file():
        report(file.size)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    address = f"{hub_address()}/{name}/resolve/{revision}/{quote(file.path)}"
    cause = ""
    for _ in range(ATTEMPTS):
        try:
            _append(client, address, part, file.size, report, cancelled)
        except httpx.TransportError as error:
            cause = f"{type(error).__name__}: {error}"
            continue
        if _is_intact(part, file):
            part.rename(target)
            return
        part.unlink(missing_ok=True)
        cause = "the bytes received do not have the digest that the hub states"
    raise ModelUnavailableError(f"Could not download {file.path} of {name}: {cause}.")


def _append(
    client: httpx.Client, address: str, part: Path, size: int, report: Callable[[int], None], cancelled: Cancelled
) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if have > size:
        part.unlink()
        have = 0
    if have == size and part.is_file():
        return
    with client.stream("GET", address, headers=_headers(have)) as response:
        if response.status_code not in {200, 206}:
            raise ModelUnavailableError(f"Could not download {address}: HTTP {response.status_code}.")
        resumes = response.status_code == 206
        have = have if resumes else 0  # a server that ignores the range sends everything
        with part.open("ab" if resumes else "wb") as handle:
            for chunk in response.iter_bytes():
                if cancelled():
                    raise CancelledError("Cancelled.")
                handle.write(chunk)
                have += len(chunk)
                report(min(have, size))


def _headers(have: int) -> dict[str, str]:
    prepare_environment()
    return {**hub_headers(), **({"Range": f"bytes={have}-"} if have else {})}


def _is_intact(part: Path, file: HubFile) -> bool:
    if not part.is_file() or part.stat().st_size != file.size:
        return False
    if file.sha256 is not None:
        with part.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == file.sha256
    content = part.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.blob
