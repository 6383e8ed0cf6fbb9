"""Where the database is: a file on a local disk, or a server behind another SQLAlchemy URL.

SQLite's write-ahead log needs shared memory and honest locks, which network file systems do not give
(https://www.sqlite.org/wal.html), so a database file on one is refused at start.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.domain.errors import InvalidInputError

MOUNTS = Path("/proc/mounts")
NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "davfs"}
)


def parse_url(url: str) -> URL:
    """The parsed address; InvalidInputError where it is none, or is a SQLite database without a file."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInputError(f"{url!r} is not a database URL. Example: sqlite:////data/runoff.sqlite") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise InvalidInputError(
            "A database in memory would lose every vote. Name a file: sqlite:////data/runoff.sqlite"
        )
    return parsed


def database_file(url: URL) -> Path | None:
    """The file of a SQLite database, None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database)).expanduser().absolute()


def refuse_network(file: Path, mounts: str | None = None) -> None:
    """InvalidInputError where ``file`` lies on a network file system.

    ``mounts``: text in the format of /proc/mounts; by default that file, and nothing is checked where it is absent.
    """
    if mounts is None:
        if not MOUNTS.exists():
            return
        mounts = MOUNTS.read_text("utf-8", "replace")
    mount, kind = _mount_of(file.resolve(), mounts)
    if kind in NETWORK_TYPES:
        raise InvalidInputError(
            f"The database {file} lies on the network file system {mount} ({kind}), where SQLite can lose votes. "
            "Set RUNOFF_HOME or RUNOFF_DATABASE_URL to a local disk, or use a database server."
        )


def _mount_of(file: Path, mounts: str) -> tuple[str, str]:
    """Mount point and type of the file system that holds ``file``; the last of equal mounts hides the others."""
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])  # a blank is written \\040
        if file.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return best, kind
