"""Where a database may lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from core.domain.errors import InvalidInputError
from db.location import database_file, refuse_network

MOUNTS = r"""/dev/vda / ext4 rw 0 0
server:/export /mnt/team nfs4 rw 0 0
/dev/vdb /mnt/team/local xfs rw 0 0
//nas/share /mnt/with\040blank cifs rw 0 0
/dev/vdc /mnt/twice nfs rw 0 0
/dev/vdd /mnt/twice ext4 rw 0 0
me@host:/x /home/me/remote fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    "file", ["/data/runoff.sqlite", "/mnt/team/local/runoff.sqlite", "/mnt/teamwork/r.sqlite", "/mnt/twice/r.sqlite"]
)
def test_local_disks_are_accepted(file: str) -> None:
    refuse_network(Path(file), MOUNTS)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/mnt/team/runoff.sqlite", "nfs4"),
        ("/mnt/team/deep/below/runoff.sqlite", "nfs4"),
        ("/mnt/with blank/runoff.sqlite", "cifs"),
        ("/home/me/remote/runoff.sqlite", "fuse.sshfs"),
    ],
)
def test_network_file_systems_are_refused(file: str, kind: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"network file system .*\({kind}\)"):
        refuse_network(Path(file), MOUNTS)


def test_a_link_to_a_network_file_system_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(InvalidInputError, match="nfs"):
        refuse_network(tmp_path / "link" / "runoff.sqlite", f"/dev/vda / ext4 rw\nserver:/x {tmp_path}/real nfs rw\n")


def test_servers_have_no_file() -> None:
    assert database_file(make_url("postgresql://host/db")) is None
    assert database_file(make_url("sqlite:////data/r.sqlite")) == Path("/data/r.sqlite")
