"""The zip of a bundle: every file with its SHA-256 in ``manifest.json``, nothing else in it, nothing trusted.

Read into memory, never unpacked to disk, so that no name in it can reach a path; bounded, so that a small zip cannot
fill the memory.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from core.domain.errors import ImportFormatError

MANIFEST = "manifest.json"
FORMAT, VERSION = "runoff-bundle", 1
MAX_BYTES = 2_000_000_000  # of all files together, unpacked
MAX_FILES = 5_000
MAX_RATIO = 200  # unpacked to packed, of more than SMALL_BYTES; the bundle of the tests has 4
SMALL_BYTES = 10_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same contents give the same zip


def write_archive(stream: BinaryIO, files: Mapping[str, bytes]) -> None:
    """Write ``files`` and their manifest."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = {"format": FORMAT, "version": VERSION, "files": digests}
    contents = {MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode("utf-8"), **files}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def read_archive(path: Path) -> dict[str, bytes]:
    """Name to content, without the manifest.

    ImportFormatError: no zip, no manifest, a version of a later program, a file that is missing, not named in the
    manifest or not as it was written, too many or too large files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path.name, archive, path.stat().st_size)
    except OSError as error:
        raise ImportFormatError(path.name, f"cannot be read: {error.strerror or error}.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        RuntimeError,
    ) as error:
        raise ImportFormatError(path.name, f"is no bundle: {error}.") from error


def _checked(bundle: str, archive: zipfile.ZipFile, packed: int) -> dict[str, bytes]:
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > max(SMALL_BYTES, MAX_RATIO * packed):
        raise ImportFormatError(bundle, f"would unpack to more than {MAX_RATIO} times its size; no bundle does.")
    if len(entries) > MAX_FILES or size > MAX_BYTES:
        raise ImportFormatError(bundle, f"has more than {MAX_FILES:,} files or {MAX_BYTES / 1e9:.0f} GB.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise ImportFormatError(bundle, "holds two files of one name.")
    if MANIFEST not in names:
        raise ImportFormatError(bundle, f"is no bundle: {MANIFEST} is missing.")
    digests = _digests(bundle, archive.read(MANIFEST))
    if strange := sorted(set(names) - {MANIFEST} - set(digests)):
        raise ImportFormatError(bundle, f"holds {strange[0]!r}, which its manifest does not name.")
    files: dict[str, bytes] = {}
    for name, known in digests.items():
        if name not in names:
            raise ImportFormatError(bundle, f"{name!r} is missing.")
        files[name] = archive.read(name)
        if hashlib.sha256(files[name]).hexdigest() != known:
            raise ImportFormatError(bundle, f"{name!r} is not as it was written (its SHA-256 is another).")
    return files


def _digests(bundle: str, data: bytes) -> dict[str, str]:
    try:
        manifest = json.loads(data)
        known, version, files = manifest["format"], manifest["version"], manifest["files"]
        if known != FORMAT or not all(isinstance(digest, str) for digest in files.values()):
            raise ValueError(f"format {known!r}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ImportFormatError(bundle, f"{MANIFEST} cannot be understood: {error}.") from error
    if version != VERSION:
        raise ImportFormatError(bundle, f"is a bundle of version {version!r}; this program reads {VERSION}.")
    return dict(files)
