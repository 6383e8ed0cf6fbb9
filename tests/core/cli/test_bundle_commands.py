"""``export``, ``report`` and ``replay``: what a finished benchmark leaves, and that it stands without its database."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow.parquet
import pytest

from core.bootstrap import start
from core.settings import load_settings
from tests.support.benchmarks import finished_plan
from tests.support.collections_on_disk import write_small_beir
from tests.support.command_line import run
from tests.support.fake_engine import FakeEngine


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one finished benchmark."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RUNOFF_HOME", str(folder))
    app = start(load_settings({"RUNOFF_HOME": str(folder)}), engine=FakeEngine())
    app.collections.import_path(write_small_beir(tmp_path / "beir"), "small")
    finished_plan(app, "small", {"first-stage": 0.0, "maxsim": 0.9}, name="nightly")
    app.close()
    return folder


def test_bundle_replays_in_a_place_that_has_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "out" / "decision.zip"
    code, out, _ = run(capsys, "export", bundle, "--benchmark", "nightly", "--p95-ms", "500")
    assert (code, json.loads(out)["files"]) == (0, [str(bundle)])
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "elsewhere"))
    code, out, _ = run(capsys, "replay", bundle, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["passed"]
    assert set(found["means"]) == {"first-stage", "maxsim"}
    assert found["answer"].startswith("Ship ")
    assert not (tmp_path / "elsewhere").exists()
    code, out, _ = run(capsys, "replay", bundle)
    assert code == 0
    assert "NOT THE SAME" not in out


def test_changed_bundle_ends_with_one_and_broken_one_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "decision.zip"
    run(capsys, "export", bundle)
    with zipfile.ZipFile(bundle) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["results.json"] = contents["results.json"].replace(b'"failed": 0', b'"failed": 1', 1)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    code, _, err = run(capsys, "replay", bundle)
    assert code == 2
    assert "results.json" in err
    assert "SHA-256" in err


def test_tables_and_trec_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for format, names in (
        ("parquet", {"measures.parquet", "rankings.parquet"}),
        ("csv", {"measures.csv", "rankings.csv"}),
        ("trec", {"qrels.txt", "candidates.trec", "01-first-stage.trec", "02-maxsim.trec"}),
    ):
        code, out, _ = run(capsys, "export", tmp_path / format, "--format", format)
        assert code == 0
        assert {Path(name).name for name in json.loads(out)["files"]} == names
    table = pyarrow.parquet.read_table(tmp_path / "parquet" / "measures.parquet")
    assert set(table.column("system").to_pylist()) == {"first-stage", "maxsim"}


def test_report_is_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = run(capsys, "report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert code == 0
    assert page.startswith("<!doctype html>")
    assert "nightly" in page


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("export", "x.zip", "--benchmark", "none"), "Known: nightly"),
        (("export", "{file}", "--format", "csv"), "name a folder"),
        (("report", "x.html", "--p95-ms", "-1"), "above zero"),
        (("replay", "{file}"), "is no bundle"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: tuple[str, ...], cause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("x", "utf-8")
    code, _, err = run(capsys, *(argument.format(file=file) for argument in arguments))
    assert code == 2
    assert cause in err
