"""Downloads from a stand-in hub: complete, cancelled and resumed, corrupted, refused; then loaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalog.availability import availability
from core.domain.errors import CancelledError, InvalidInputError, ModelUnavailableError
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import Embed
from core.models.fetch import fetch
from core.models.load import load
from tests.support.http_server import Server, serving
from tests.support.hub_server import Hub
from tests.support.tiny_models import context_for, entry_for, save_bert

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ENTRY = entry_for(ModelKind.EMBEDDER, "hub:some/model", revision=COMMIT, max_length=64)
LARGE = bytes(range(256)) * 4096  # 1 MB: 16 pieces


@pytest.fixture
def hub() -> Hub:
    files = {
        "config.json": b'{"a": 1}',
        "model.safetensors": LARGE,
        "1_Pooling/config.json": b"{}",
        "pytorch_model.bin": b"pickle",
        "modeling_custom.py": b"import os",
        "README.md": b"---\nlicense: mit\n---\n",
        ".gitattributes": b"*.bin",
    }
    return Hub("some/model", COMMIT, files, large=frozenset({"model.safetensors"}))


@pytest.fixture
def server(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(hub) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        yield running


def silent(_done: int, _total: int) -> None:
    """No progress wanted."""


def never() -> bool:
    return False


def test_everything_needed_and_nothing_else(hub: Hub, server: Server, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    folder = fetch(ENTRY, tmp_path, lambda done, total: heard.append((done, total)), never)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    wanted = ("config.json", "model.safetensors", "1_Pooling/config.json", "README.md")
    assert found == {path: hub.files[path] for path in wanted}
    total = sum(len(content) for content in found.values())
    assert heard[-1] == (total, total)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert len(heard) > 4
    assert availability(ENTRY, tmp_path).available
    asked = len(server.seen)
    assert fetch(ENTRY, tmp_path, silent, never) == folder
    assert len(server.seen) == asked


def test_a_cancelled_download_goes_on_where_it_stopped(hub: Hub, server: Server, tmp_path: Path) -> None:
    done = [0]
    with pytest.raises(CancelledError):
        fetch(ENTRY, tmp_path, lambda now, _total: done.__setitem__(0, now), lambda: done[0] > 300_000)
    state = availability(ENTRY, tmp_path)
    assert (state.available, state.reason) == (False, "download is incomplete and can be resumed")
    hub.sent.clear()
    heard: list[int] = []
    folder = fetch(ENTRY, tmp_path, lambda now, _total: heard.append(now), never)
    [(path, begin)] = hub.sent
    assert path == "model.safetensors"
    assert 250_000 < begin < len(LARGE)
    assert min(heard) > 0
    assert (folder / path).read_bytes() == LARGE


def test_a_server_without_ranges_sends_everything_again(hub: Hub, server: Server, tmp_path: Path) -> None:
    done = [0]
    with pytest.raises(CancelledError):
        fetch(ENTRY, tmp_path, lambda now, _total: done.__setitem__(0, now), lambda: done[0] > 300_000)
    hub.ranges = False
    folder = fetch(ENTRY, tmp_path, silent, never)
    assert (folder / "model.safetensors").read_bytes() == LARGE


def test_a_broken_connection_is_taken_up_again(hub: Hub, server: Server, tmp_path: Path) -> None:
    pieces = iter(range(1000))

    def break_once(path: str) -> None:
        if path == "model.safetensors" and next(pieces) == 5:
            raise BrokenPipeError

    hub.before_piece = break_once
    folder = fetch(ENTRY, tmp_path, silent, never)
    assert (folder / "model.safetensors").read_bytes() == LARGE
    begins = [begin for path, begin in hub.sent if path == "model.safetensors"]
    assert begins[0] == 0
    assert begins[1] > 0


def test_wrong_bytes_are_fetched_again_and_never_kept(hub: Hub, server: Server, tmp_path: Path) -> None:
    hub.corrupt = {"model.safetensors", "config.json"}
    folder = fetch(ENTRY, tmp_path, silent, never)
    assert (folder / "model.safetensors").read_bytes() == LARGE
    assert (folder / "config.json").read_bytes() == hub.files["config.json"]


def test_wrong_bytes_for_good_are_an_error(hub: Hub, server: Server, tmp_path: Path) -> None:
    class Always(set[str]):
        def discard(self, _path: str) -> None:
            """Stays corrupt."""

    hub.corrupt = Always({"config.json"})
    with pytest.raises(ModelUnavailableError, match=r"config\.json of some/model: the bytes received"):
        fetch(ENTRY, tmp_path, silent, never)
    assert not availability(ENTRY, tmp_path).available


def test_refusals(hub: Hub, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = entry_for(ModelKind.EMBEDDER, "hub:some/other", revision=COMMIT)
    with pytest.raises(ModelUnavailableError, match="some/other at 0123456789ab: not found there"):
        fetch(other, tmp_path, silent, never)
    del hub.files["model.safetensors"]
    with pytest.raises(ModelUnavailableError, match="no safetensors"):
        fetch(ENTRY, tmp_path, silent, never)
    hub.files |= {"../model.safetensors": b"x", "/model.safetensors": b"x", "a/../../model.safetensors": b"x"}
    with pytest.raises(ModelUnavailableError, match="no safetensors"):  # nothing outside the folder is taken
        fetch(ENTRY, tmp_path, silent, never)
    with pytest.raises(InvalidInputError, match="only hub models"):
        fetch(entry_for(ModelKind.EMBEDDER, "folder:x"), tmp_path, silent, never)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        fetch(ENTRY, tmp_path, silent, never)


def test_two_at_once_download_once(hub: Hub, server: Server, tmp_path: Path) -> None:
    folders: list[Path] = []
    threads = [threading.Thread(target=lambda: folders.append(fetch(ENTRY, tmp_path, silent, never))) for _ in "12"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(folders)) == 1
    assert len(hub.sent) == 4


def test_a_downloaded_model_answers(hub: Hub, server: Server, tmp_path: Path) -> None:
    made = save_bert(tmp_path / "made")
    hub.files = {path.name: path.read_bytes() for path in made.iterdir()}
    entry: ModelEntry = ENTRY
    with pytest.raises(ModelUnavailableError, match=r"Could not load tiny: some/model at 0123456789ab is not downl"):
        load(entry, context_for(tmp_path))
    fetch(entry, tmp_path, silent, never)
    [answer] = load(entry, context_for(tmp_path)).answer([Embed(text="ferry", role="query")], never)
    assert answer.vector.shape == (32,)
