"""The bundled models: pinned digests, conversion by one process, real answers, the requirements file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.catalog.builtin import BUILTIN, SMOLLM2_FILE
from core.catalog.places import bundled_folder, converted_folder
from core.domain.errors import ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt
from core.models import bundled
from core.models.base import LoadContext
from core.models.load import load
from core.settings import PROJECT, load_settings

SMOLLM2 = next(entry for entry in BUILTIN if entry.id == "smollm2-135m-instruct")
READY = ["all-minilm-l6-v2: ready", "smollm2-135m-instruct: ready"]
PASSAGES = ("The last ferry leaves the island at half past nine.", "Salt the water before you cook the pasta.")


def never() -> bool:
    return False


def prompt_of(passage: str) -> Prompt:
    parts = (
        Part(text="Write a question that this passage answers.\n\nPassage: "),
        Part(text=passage, kind="document", document_id="d"),
    )
    return Prompt(messages=(Message(role="user", parts=parts),))


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh cache; what ``make run`` has converted already is used, since converting takes 15 s and more."""
    cache = tmp_path_factory.mktemp("cache")
    done = load_settings().cache_dir / "converted"
    if done.is_dir():
        (cache / "converted").symlink_to(done)
    return cache


@pytest.fixture(scope="module")
def converted_once(cache_dir: Path) -> Path:
    heard: list[str] = []
    bundled.prepare_bundled(cache_dir, heard.append)
    assert [note for note in heard if "ready" in note] == READY
    return cache_dir


def test_the_small_language_model_answers(converted_once: Path) -> None:
    adapter = load(SMOLLM2, LoadContext(device="cpu", threads=0, cache_dir=converted_once))
    question = "When does the last ferry leave?"
    likely = adapter.answer([Likelihood(prompt=prompt_of(text), continuation=question) for text in PASSAGES], never)
    good, bad = (sum(answer.logprobs) for answer in likely)
    assert good > bad + 5
    assert len(likely[0].logprobs) == len(adapter._tokenizer.raw(question)["input_ids"])
    [labels] = adapter.answer([LabelLogprobs(prompt=prompt_of(PASSAGES[0]), labels=("What", "zebra"))], never)
    assert labels.logprobs[0] > labels.logprobs[1]
    [text] = adapter.answer([Generate(prompt=prompt_of(PASSAGES[0]), max_tokens=6)], never)
    assert text.usage.generated_tokens <= 6
    assert text.text.strip()
    parameters = {id(tensor): tensor.numel() for tensor in adapter._model.parameters()}
    assert sum(parameters.values()) == SMOLLM2.parameters
    assert adapter.max_length == 8192


def test_a_second_preparation_converts_nothing(converted_once: Path) -> None:
    weights = converted_folder(converted_once, SMOLLM2.id, SMOLLM2.revision) / "model.safetensors"
    before = weights.stat().st_mtime_ns
    heard: list[str] = []
    bundled.prepare_bundled(converted_once, heard.append)
    assert weights.stat().st_mtime_ns == before
    assert heard == READY


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    file = tmp_path / SMOLLM2_FILE
    file.write_bytes(b"GGUF something else")
    with pytest.raises(ModelUnavailableError, match=r"pinned is b179c9523d0e\.\.\.; install the package again"):
        bundled.converted(SMOLLM2, file, tmp_path / "cache", lambda _note: None)
    assert not converted_folder(tmp_path / "cache", SMOLLM2.id, SMOLLM2.revision).exists()


def test_a_package_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "BUILTIN", (_renamed(SMOLLM2),))
    with pytest.raises(ModelUnavailableError, match="no_such_package is not installed"):
        bundled.prepare_bundled(tmp_path, lambda _note: None)


def test_the_requirements_name_the_installed_versions() -> None:
    from importlib.metadata import version

    text = (PROJECT / "core/models/bundled.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+) ", text, re.MULTILINE))
    assert {name: version(name) for name in pinned} == pinned
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)) == len(pinned) == 2
    packages = [entry.source.removeprefix("bundled:") for entry in BUILTIN if entry.source.startswith("bundled:")]
    assert all(bundled_folder(package) for package in packages)


def test_the_command_prepares_the_configured_cache(converted_once: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(converted_once)
    env = {**os.environ, "RUNOFF_HOME": str(home)}
    command = [sys.executable, "-m", "core.models.bundled"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=PROJECT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "smollm2-135m-instruct: ready" in done.stderr


def _renamed(entry: ModelEntry) -> ModelEntry:
    from dataclasses import replace

    return replace(entry, source="bundled:no_such_package")
