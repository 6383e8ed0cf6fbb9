"""A job's owner is alive as long as its process."""

import subprocess
import sys
from pathlib import Path

from core.services.ownership import Owner

CHILD = """
import sys
from pathlib import Path
from core.services.ownership import Owner
owner = Owner(Path(sys.argv[1]))
print(owner.name, flush=True)
sys.stdin.read()
"""


def test_own_process_is_alive_until_closed(tmp_path: Path) -> None:
    mine, other = Owner(tmp_path), Owner(tmp_path)
    assert mine.alive(mine.name)
    assert mine.alive(other.name)
    other.close()
    assert not mine.alive(other.name)
    mine.close()


def test_nobody_is_not_alive(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    assert not owner.alive("")
    assert not owner.alive("12-abc")
    owner.close()


def test_a_killed_process_is_not_alive(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert owner.alive(name)
    child.kill()
    child.communicate()
    assert not owner.alive(name)
    owner.close()
