"""``import`` and ``search`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main
from tests.support.collections_on_disk import jsonl, small_folder, write_files

DOCUMENTS = jsonl(
    {"id": "a", "title": "Fähre", "text": "Die Fähre fährt um neun Uhr vom Hafen ab und kommt abends wieder an."},
    {"id": "b", "text": "Hunde sind auf dem Deck willkommen, aber nicht in der Kabine."},
)
QRELS = "q1 0 a 2\nq1 0 b 0\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    return tmp_path / "home"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_documents_queries_judgments_and_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = {"docs.jsonl": DOCUMENTS, "topics.tsv": "q1\tWann fährt die Fähre?\n", "q.qrels": QRELS}
    write_files(tmp_path, files | {"mine.run": "q1 Q0 b 1 2.0 x\nq1 Q0 a 2 1.0 x\n"})
    beside = ["--queries", tmp_path / "topics.tsv", "--qrels", tmp_path / "q.qrels", "--run", tmp_path / "mine.run"]
    code, out, err = run(capsys, "import", tmp_path / "docs.jsonl", "--name", "schiff", *beside)
    assert code == 0, err
    found = json.loads(out)
    assert found.pop("fingerprint")
    assert found == {
        "name": "schiff",
        "language": "de",
        "documents": 2,
        "queries": 1,
        "judgments": 2,
        "candidate_sets": ["run mine.run top 2"],
    }


def test_search(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_files(tmp_path / "beir", small_folder())
    run(capsys, "import", tmp_path / "beir", "--name", "ships", "--language", "en")
    code, out, _ = run(capsys, "search", "--collection", "ships", "ferries", "leaving", "--json")
    assert code == 0
    assert json.loads(out) == [{"id": "a", "title": "Ferries", "text": "The ferry leaves at nine."}]
    code, out, _ = run(capsys, "search", "--collection", "ships", "ferry")
    assert [line.split()[0] for line in out.splitlines()] == ["document", "a", "c"]
    code, out, _ = run(capsys, "search", "--collection", "ships", "zebra")
    assert (code, out) == (0, "No document matches. Try fewer or other words.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "nowhere", "--name", "x"], "there is no such file or folder"),
        (["import", "nowhere", "--name", "x", "--language", "tlh"], "Unknown language 'tlh'"),
        (["import", "nowhere.csv", "--name", "x", "--format", "csv"], "nowhere.csv: there is no such file"),
        (["import", "no/such", "--name", "x", "--format", "ir_datasets"], "ir_datasets knows no collection 'no/such'"),
        (["search", "--collection", "none", "x"], "Unknown collection 'none'"),
        (["search", "--collection", "none", "x", "--limit", "0"], "--limit must be at least 1"),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
