"""``compare``: what it prints, and what it says where runs cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main
from core.datasets.trec import write_run
from tests.support.collections_on_disk import write_small_beir

GOOD = {f"q{n}": [f"d{n}", f"d{n + 6}"] for n in range(5)}
BAD = {f"q{n}": [f"d{(n + 1) % 6}", f"d{n + 6}"] for n in range(4)}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    assert main(["import", str(write_small_beir(tmp_path / "beir")), "--name", "small"]) == 0
    write_run(tmp_path / "good.trec", GOOD, tag="good")
    write_run(tmp_path / "bad.trec", BAD, tag="bad")
    capsys.readouterr()
    return [str(tmp_path / "bad.trec"), str(tmp_path / "good.trec")]


def test_tables(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *runs, "--collection", "small", "--measures", "P@1 AP", "--baseline", "bad"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0].startswith("good leads with P@1 1.000 (1.000 to 1.000) over 5 queries; bad cannot be told apart")
    assert "note: bad lacks 1 of 5 judged queries; they count 0." in lines
    assert any(line.startswith("note: bad: 50 % of the first 10 documents") for line in lines)
    assert lines[lines.index("") + 1].split() == ["run", "P@1", "low", "high", "group", "Judged@10", "worst", "best"]
    row = next(line.split() for line in lines if line.startswith("good  "))
    assert row[:5] == ["good", "1.0000", "1.0000", "1.0000", "a"]
    pair = lines[-1].split()
    assert pair[:3] == ["good", "bad", "+1.0000"]
    assert pair[5] == "0.0625"  # 2 of 2^5 flips
    assert "5/0/0" in pair


def test_json_has_every_query(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *runs, "--collection", "small", "--correction", "none", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found["rows"]] == ["good", "bad"]
    assert found["rows"][1]["values"]["AP"]["q4"] == 0.0
    assert found["rows"][0]["measures"]["AP"]["mean"] == 1.0
    assert set(found["significance"]) == {"nDCG@10", "RR", "AP"}
    assert found["significance"]["AP"]["pairs"][0]["queries_needed"] is not None
    assert found["correction"] == "none"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--collection", "elsewhere"], "elsewhere"),
        (["--collection", "small", "--measures", "nDGC"], "not the name of a measure"),
        (["--collection", "small", "--baseline", "bm25"], "'bm25' is none of the runs"),
    ],
)
def test_refusals(runs: list[str], capsys: pytest.CaptureFixture[str], more: list[str], said: str) -> None:
    assert main(["compare", *runs, *more]) in (1, 2)
    assert said in capsys.readouterr().err


def test_evaluate_says_what_was_never_judged(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", runs[0], "--collection", "small"]) == 0
    assert "bad.trec: 50 % of the first 10 documents were never judged" in capsys.readouterr().err


def test_json_over_one_query_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One query says nothing of others: its interval has no ends, which JSON has no number for."""
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    folder = write_small_beir(tmp_path / "beir")
    qrels = folder / "qrels" / "test.tsv"
    head, first, *_ = qrels.read_text("utf-8").splitlines()
    qrels.write_text(f"{head}\n{first}\n", "utf-8")
    assert main(["import", str(folder), "--name", "one"]) == 0
    for name, orders in (("good", GOOD), ("bad", BAD)):
        write_run(tmp_path / f"{name}.trec", orders, tag=name)
    capsys.readouterr()
    runs = [str(tmp_path / f"{name}.trec") for name in ("good", "bad")]
    assert main(["compare", *runs, "--collection", "one", "--measures", "P@1", "--json"]) == 0
    out = capsys.readouterr().out
    assert "Infinity" not in out
    (pair,) = json.loads(out)["significance"]["P@1"]["pairs"]
    assert (pair["low"], pair["high"], pair["detectable"]) == (None, None, None)
