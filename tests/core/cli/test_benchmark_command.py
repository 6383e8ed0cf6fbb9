"""``benchmark`` on the real engine: a whole run, going on after kill -9, the same again, mistakes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import PROJECT
from tests.support.collections_on_disk import jsonl, write_files, write_small_beir
from tests.support.command_line import run
from tests.support.waiting import until

QUERIES = 120
EXAMPLE = PROJECT / "docs" / "examples" / "sample.toml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    return tmp_path / "home"


def config(tmp_path: Path, **changed: str) -> Path:
    """A configuration of the small collection, imported from beside it; values as TOML."""
    if not (tmp_path / "beir").exists():
        write_small_beir(tmp_path / "beir")
    table = {
        "collection": '"small"',
        "path": '"beir"',
        "depth": "8",
        "systems": '["first-stage", "bm25"]',
        "measures": '["nDCG@5", "AP"]',
        "depths": "[4]",
        "probe_queries": "2",
    } | changed
    file = tmp_path / "config.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in table.items() if value), "utf-8")
    return file


def test_a_run_its_table_and_the_same_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = config(tmp_path)
    code, out, err = run(capsys, "benchmark", file, "--forecast")
    assert code == 0, err
    assert [line.split("  ")[0] for line in out.splitlines()[1:-1]] == [
        *("first-stage", "bm25", "first-stage, first 4", "bm25, first 4")
    ]
    code, out, err = run(capsys, "benchmark", file)
    assert code == 0, err
    lines = out.splitlines()
    header = next(line for line in lines if line.startswith("system"))
    assert re.split(r" {2,}", header)[1:4] == ["nDCG@5", "95 %", "group"]
    assert {line.split()[0] for line in lines[lines.index(header) + 1 :][:2]} == {"first-stage", "bm25"}
    assert "finished: bm25, first 4, 6 rankings" in err
    assert "done: 32 of 32" in err  # 2 systems over 6 whole and 6 short lists; latency over 2 lists at 2 depths
    code, out, err = run(capsys, "benchmark", file, "--json")
    assert code == 0, err
    assert "4 of 4 cells were finished before." in err
    found = json.loads(out)
    assert found["probes"] == {"measured": 4, "wanted": 4}
    assert {cell["ranked"] for cell in found["cells"]} == {6}
    assert {system["system"] for system in found["systems"]} == {"first-stage", "bm25"}
    assert all(latency["queries"] == 2 for system in found["systems"] for latency in system["latency"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"collection": '"elsewhere"', "path": ""}, "no collection 'elsewhere' here; add its path"),
        ({"systems": '["no-such"]'}, "Unknown strategy 'no-such'"),
        ({"depths": "[9]"}, "between 1 and that of the candidates, 8; not 9"),
        ({"sample": "7"}, "sample = 7: 'small' has 6 queries"),
        ({"dephts": "[4]"}, "unknown key 'dephts'"),
    ],
)
def test_mistakes_are_said_before_anything_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    code, out, err = run(capsys, "benchmark", config(tmp_path, **changed))
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.thorough
def test_the_example_is_the_one_of_the_documentation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Cut down to what needs no model: three queries, the first stage and BM25."""
    text = EXAMPLE.read_text("utf-8")
    systems = re.search(r"systems = \[.*?\]", text, re.DOTALL)
    assert systems is not None
    short = text.replace(systems[0], 'systems = ["first-stage", "bm25"]\nsample = 3').replace("= 20", "= 2")
    (tmp_path / "short.toml").write_text(short, "utf-8")
    code, out, err = run(capsys, "benchmark", tmp_path / "short.toml", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["queries"] == 3
    # three forms of three lists, two shuffled ones, latency over two lists at three depths
    assert f"done: {2 * (3 * 3 + 2) + 2 * 2 * 3} of" in err


@pytest.mark.thorough
def test_kill_9_in_the_middle_repeats_no_finished_ranking(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "beir"
    write_small_beir(folder)
    texts = (f"the {topic} passage number {n}" for n in range(QUERIES // 3) for topic in ("ferry", "dog", "storm"))
    queries = [{"_id": f"q{n}", "text": text} for n, text in enumerate(texts)]
    write_files(folder, {"queries.jsonl": jsonl(*queries)})
    file = config(tmp_path, depths="[4]", probe_queries="1")
    command = [sys.executable, "-m", "core", "benchmark", str(file)]
    with (tmp_path / "first.err").open("w") as err:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=err, stderr=err, env=dict(os.environ))
        try:
            until(lambda: len(stored(home)) > 70 or process.poll() is not None, seconds=120)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    before = stored(home)
    assert process.returncode == -signal.SIGKILL, (tmp_path / "first.err").read_text("utf-8")
    assert 70 < len(before) < 4 * QUERIES
    (killed,) = jobs(home)
    assert killed[1] == "running"
    shutil.move(home / "logs" / "runoff.log", tmp_path / "first.log")
    code, out, error = run(capsys, "benchmark", file, "--json")
    assert code == 0, error
    after = stored(home)
    assert len(after) == 4 * QUERIES
    assert {key: after[key] for key in before} == before  # not one row written again
    asked = re.findall(r"(\d+) of \d+ rankings are missing", (home / "logs" / "runoff.log").read_text("utf-8"))
    assert sum(map(int, asked)) == 4 * QUERIES - len(before)
    assert jobs(home) == [(killed[0], "done")]
    assert json.loads(out)["probes"] == {"measured": 4, "wanted": 4}


def stored(home: Path) -> dict[tuple[str, str], tuple[int, str]]:
    """List and system of every ranking to its row number and what it cost."""
    return {(row[0], row[1]): (row[2], row[3]) for row in read(home, "candidates, system, rowid, executed", "rankings")}


def jobs(home: Path) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in read(home, "id, state", "jobs")]


def read(home: Path, columns: str, table: str) -> list[tuple[object, ...]]:
    file = home / "runoff.sqlite"
    if not file.exists():
        return []
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(f"SELECT {columns} FROM {table}").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return []
    finally:
        connection.close()
