"""Memory that can be had, read from the files of Linux and of a container; weights as parameters times bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.catalog.memory import available_bytes, weights_bytes
from core.domain.models import ModelEntry, ModelKind

MEMINFO = "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:   12000 kB\nCached:          1 kB\n"


def write(folder: Path, **files: str) -> tuple[Path, Path]:
    meminfo = folder / "meminfo"
    meminfo.write_text(MEMINFO)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return meminfo, folder


def test_available_is_what_linux_calls_available(tmp_path: Path) -> None:
    assert available_bytes(*write(tmp_path)) == 12_000 * 1024


def test_a_container_counts_with_what_it_gives_back(tmp_path: Path) -> None:
    files = write(
        tmp_path, memory_max="8000000\n", memory_current="5000000\n", memory_stat="anon 1\ninactive_file 700\n"
    )
    assert available_bytes(*files) == 8_000_000 - 5_000_000 + 700


def test_a_container_without_a_limit_counts_for_nothing(tmp_path: Path) -> None:
    assert available_bytes(*write(tmp_path, memory_max="max\n", memory_current="5000000\n")) == 12_000 * 1024


def test_a_container_above_its_limit_has_nothing(tmp_path: Path) -> None:
    assert available_bytes(*write(tmp_path, memory_max="10\n", memory_current="50\n")) == 0


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    assert available_bytes(tmp_path / "none", tmp_path) is None
    (tmp_path / "meminfo").write_text("MemFree: 1 kB\n")
    assert available_bytes(tmp_path / "meminfo", tmp_path) is None


@pytest.mark.parametrize(
    ("parameters", "precision", "needed"),
    [
        (7_000, "fp32", 28_000),
        (7_000, "bf16", 14_000),
        (7_000, "fp16", 14_000),
        (None, "fp32", None),
        (1, "remote", None),
    ],
)
def test_weights(parameters: int | None, precision: str, needed: int | None) -> None:
    entry = ModelEntry(
        id="m",
        kind=ModelKind.CAUSAL_LM,
        source="hub:a/b",
        revision="",
        capabilities=frozenset(),
        parameters=parameters,
        precision=precision,
    )
    assert weights_bytes(entry) == needed
