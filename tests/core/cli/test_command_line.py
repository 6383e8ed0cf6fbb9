"""The command line on the real engine: what it prints, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytrec_eval

from core.datasets.trec import read_run
from tests.support.collections_on_disk import CRANFIELD
from tests.support.command_line import run

PASSAGES = {
    "d1": "The ferry to the island leaves at nine in the morning.",
    "d2": "Dogs are welcome on deck but not in the lounge.",
    "d3": "A refund is paid within fourteen days after cancellation.",
    "d4": "Our cabins have two beds, towels and a window.",
    "d5": "Bicycles travel free of charge on every ferry.",
}
QUERIES = {"q1": ("when does the ferry leave", {"d1": 2, "d5": 1}), "q2": ("refund for the ferry", {"d3": 2})}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "beir"
    (path / "qrels").mkdir(parents=True)
    write(path / "corpus.jsonl", [{"_id": id, "title": "", "text": text} for id, text in PASSAGES.items()])
    write(path / "queries.jsonl", [{"_id": id, "text": text} for id, (text, _) in QUERIES.items()])
    rows = [f"{query}\t{id}\t{grade}" for query, (_, grades) in QUERIES.items() for id, grade in grades.items()]
    (path / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n", "utf-8")
    return path


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_systems_lists_the_roster_as_ready(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "systems", "--json")
    offers = {offer["system"]: offer for offer in json.loads(out)}
    roster = {spec for spec, offer in offers.items() if offer["roster"]}
    assert code == 0
    assert roster == {"bm25", "bi-encoder", "maxsim", "query-likelihood", "rrf?of=(bm25,bi-encoder)"}
    assert all(offers[spec]["available"] for spec in roster)
    code, out, _ = run(capsys, "systems")
    assert code == 0
    assert out.splitlines()[0].split() == ["system", "family", "roster", "state"]


@pytest.mark.thorough
def test_import_rerank_evaluate_leaderboard(capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path) -> None:
    code, out, _ = run(capsys, "import", folder, "--name", "small")
    assert code == 0
    assert (json.loads(out)["documents"], json.loads(out)["queries"]) == (5, 2)
    systems = ["--system", "bm25", "--system", "bi-encoder", "--system", "rrf?of=(bm25,bi-encoder)"]
    arguments = ["rerank", "--collection", "small", *systems, "--depth", "5", "--out", tmp_path / "runs"]
    code, out, err = run(capsys, *arguments)
    assert code == 0, err
    summary = {row["system"]: row for row in json.loads(out)["systems"]}
    lengths = [len(hits) for hits in read_run(tmp_path / "runs" / "bm25.trec").values()]
    assert summary["bi-encoder"]["calls"] == sum(n + 1 for n in lengths if n > 1)
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "bm25.trec",
        "bi-encoder.trec",
        "rrf_of=_bm25,bi-encoder.trec",
    }
    for path in (tmp_path / "runs").iterdir():
        code, out, _ = run(capsys, "evaluate", path, "--collection", "small", "--measures", "nDCG@10 AP", "--json")
        assert code == 0
        means = json.loads(out)["means"]
        assert means == pytest.approx(independent(path, {q: grades for q, (_, grades) in QUERIES.items()}), abs=1e-9)
    code, out, _ = run(capsys, "leaderboard", "--collection", "small", "--voters", "labels", "--json")
    assert code == 0
    board = json.loads(out)
    assert {spec for system in board["systems"] for spec in system["specifications"]} >= {"bm25", "bi-encoder"}
    assert (board["method"], board["collection"], board["kind"]) == ("bt", "small", "labels")
    code, out, _ = run(capsys, "leaderboard", "--collection", "small")
    assert code == 0
    assert out.startswith("There are no votes yet.")


def test_a_second_run_makes_no_call(capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path) -> None:
    run(capsys, "import", folder, "--name", "small")
    arguments = ["rerank", "--collection", "small", "--system", "bm25", "--depth", "5", "--out", tmp_path / "runs"]
    run(capsys, *arguments)
    first = (tmp_path / "runs" / "bm25.trec").read_bytes()
    code, _, err = run(capsys, *arguments)
    assert code == 0
    assert "0 of 0 new rankings" in err
    assert (tmp_path / "runs" / "bm25.trec").read_bytes() == first


def test_a_given_run_is_the_first_stage(capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path) -> None:
    run(capsys, "import", folder, "--name", "small")
    given = tmp_path / "given.trec"
    given.write_text("q1 Q0 d4 1 3.0 x\nq1 Q0 d1 2 2.0 x\nq1 Q0 d2 3 1.0 x\n", "utf-8")
    arguments = ["--collection", "small", "--candidates", given, "--system", "first-stage", "--out", tmp_path / "runs"]
    code, out, err = run(capsys, "rerank", *arguments)
    assert code == 0, err
    written = read_run(tmp_path / "runs" / "first-stage.trec")
    assert [hit.document for hit in written["q1"]] == ["d4", "d1", "d2"]
    candidates = json.loads(out)["candidates"]
    assert (candidates["first_stage"], candidates["set"]) == ("run:given.trec", "run given.trec top 100")
    assert (candidates["queries"], candidates["documents"], len(candidates["hash"])) == (1, 3, 64)
    relevant = {document for document, grade in QUERIES["q1"][1].items() if grade > 0}
    assert candidates["recall_ceiling"] == pytest.approx(len(relevant & {"d4", "d1", "d2"}) / len(relevant))
    given.write_text("q1 Q0 d4 1 3.0 x\nq1 Q0 d77 2 2.0 x\n", "utf-8")
    code, _, err = run(capsys, "rerank", *arguments)
    assert code == 2
    assert "given.trec, line 2: Run 'given.trec': document 'd77' of query 'q1' is not in 'small'." in err


@pytest.mark.thorough
def test_a_dense_first_stage_orders_as_the_bi_encoder(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    run(capsys, "import", folder, "--name", "small")
    systems = ["--system", "first-stage", "--system", "bi-encoder", "--out", tmp_path / "runs"]
    arguments = ["rerank", "--collection", "small", "--depth", "5", *systems]
    code, out, err = run(capsys, *arguments, "--first-stage", "dense")
    assert code == 0, err
    found = json.loads(out)["candidates"]
    assert (found["first_stage"], found["documents"]) == ("dense:all-minilm-l6-v2", 10)
    assert (found["recall_ceiling"], found["ceiling"]) == (1.0, {"nDCG@10": 1.0})
    first, second = (read_run(tmp_path / "runs" / f"{name}.trec") for name in ("first-stage", "bi-encoder"))
    for query, hits in first.items():
        assert [hit.document for hit in hits] == [hit.document for hit in second[query]]
    code, _, err = run(capsys, *arguments, "--first-stage", "sparse")
    assert code == 2
    assert "Unknown first stage 'sparse'" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rerank", "--collection", "none", "--system", "bm25", "--out", "x"], "Unknown collection 'none'"),
        (["evaluate", "missing.trec", "--collection", "none"], "Unknown collection 'none'"),
        (["import", "no-such-folder", "--name", "x"], "no-such-folder"),
        (["leaderboard", "--category", "none"], "category 'none'"),
    ],
)
def test_what_is_not_allowed_exits_with_two(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert message in err
    assert out == ""


def test_a_malformed_line_is_named_and_nothing_is_imported(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"_id": "d6", "text": \n')
    code, _, err = run(capsys, "import", folder, "--name", "small")
    assert code == 2
    assert "corpus.jsonl, line 6" in err
    code, _, err = run(capsys, "leaderboard", "--collection", "small")
    assert "Unknown collection 'small'" in err


def test_check_strategy(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(BAD_STRATEGY, "utf-8")
    code, out, _ = run(capsys, "check-strategy", bad)
    assert code == 1
    assert "always-first" in out
    code, _, err = run(capsys, "check-strategy", tmp_path / "none.py")
    assert code == 2
    assert "none.py" in err


BAD_STRATEGY = '''
"""Returns only the first candidate."""
from collections.abc import Generator
from dataclasses import dataclass

from core.strategies.base import Outcome, strategy


@strategy(name="always-first", version=1, family="baseline", title="First only")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysFirst:
    """Not a permutation."""

    def rerank(self, candidates):
        yield from ()
        return Outcome(order=(0,))

    def forecast(self, n_docs):
        return 0
'''


@pytest.mark.skipif(not CRANFIELD.is_dir(), reason="the Cranfield collection is not beside this checkout")
@pytest.mark.thorough
def test_bm25_on_cranfield_agrees_with_an_independent_trec_eval(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(capsys, "import", CRANFIELD, "--name", "cranfield")[0] == 0
    arguments = ["rerank", "--collection", "cranfield", "--system", "bm25", "--out", tmp_path / "runs"]
    code, out, err = run(capsys, *arguments)
    assert code == 0, err
    assert json.loads(out)["systems"][0]["queries"] == 225
    path = tmp_path / "runs" / "bm25.trec"
    code, out, _ = run(capsys, "evaluate", path, "--collection", "cranfield", "--measures", "nDCG@10 AP", "--json")
    means = json.loads(out)["means"]
    qrels: dict[str, dict[str, int]] = {}
    for line in (CRANFIELD / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        qrels.setdefault(query, {})[document] = max(0, int(grade))
    assert means == pytest.approx(independent(path, qrels), abs=5e-5)
    assert means["nDCG@10"] > 0.36


def independent(run_file: Path, qrels: dict[str, dict[str, int]]) -> dict[str, float]:
    """Means by pytrec_eval on the file as it stands; a query that the run lacks counts zero."""
    ranked: dict[str, dict[str, float]] = {}
    for line in run_file.read_text("utf-8").splitlines():
        query, _, document, _, score, _ = line.split()
        ranked.setdefault(query, {})[document] = float(score)
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map"}).evaluate(ranked)
    return {
        name: sum(found.get(query, {}).get(measure, 0.0) for query in qrels) / len(qrels)
        for name, measure in (("nDCG@10", "ndcg_cut_10"), ("AP", "map"))
    }
