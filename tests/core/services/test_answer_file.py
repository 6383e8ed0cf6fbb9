"""The answer cache as a file: its size, and emptying it beside an engine that uses it."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.errors import StorageError
from core.domain.requests import LabelAnswer, Usage
from core.services import answer_file
from core.worker.disk_cache import DiskCache

ANSWERS = [(f"{number:064d}", LabelAnswer(logprobs=(-0.5,) * 200, usage=Usage())) for number in range(100)]


def used_by_an_engine(folder: Path) -> DiskCache:
    cache = DiskCache(folder / answer_file.NAME, 100_000_000)
    cache.put(ANSWERS)
    return cache


def test_emptied_while_an_engine_uses_it(tmp_path: Path) -> None:
    cache = used_by_an_engine(tmp_path)
    before = answer_file.size(tmp_path)
    assert before > 100_000
    freed = answer_file.empty(tmp_path)
    assert freed == before - answer_file.size(tmp_path)
    assert freed > before / 2
    keys = [key for key, _ in ANSWERS]
    assert cache.get(keys) == {}
    cache.put(ANSWERS[:1])
    assert cache.get(keys) == dict(ANSWERS[:1])
    cache.close()


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond a page."""
    limits, before = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


def test_a_file_that_cannot_be_written_stays_where_it_is(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    cache = used_by_an_engine(tmp_path)
    request.getfixturevalue("full_disk")
    with pytest.raises(StorageError, match="was not emptied"):
        answer_file.empty(tmp_path)
    assert (tmp_path / answer_file.NAME).exists()
    assert cache.get([ANSWERS[0][0]]) == dict(ANSWERS[:1])
    cache.close()


def test_what_is_no_cache_goes_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / answer_file.NAME).write_bytes(b"something else" * 100)
    assert answer_file.empty(tmp_path) == 1400
    assert list(tmp_path.iterdir()) == []


def test_there_is_none(tmp_path: Path) -> None:
    assert (answer_file.size(tmp_path), answer_file.empty(tmp_path)) == (0, 0)
    assert list(tmp_path.iterdir()) == []
