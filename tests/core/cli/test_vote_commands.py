"""Votes on the command line: checking a log, import and export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.datasets.votes.log_writer import chain
from core.domain.decisions import Decisions
from core.domain.vote_log import Act, ActKind
from core.domain.voting import Verdict, Vote, VoterKind
from core.ratings.board import rate
from core.ratings.outcomes import from_comparisons
from db.store import SqlStore
from tests.support.command_line import run
from tests.support.vote_files import act, cast, every_kind, log_bytes, many_votes, table

pytestmark = pytest.mark.thorough  # long; `make check` runs it


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def stored(home: Path, entries: list[Vote | Act], names: dict[str, str] | None = None) -> None:
    home.mkdir(exist_ok=True)
    store = SqlStore(f"sqlite:///{home / 'runoff.sqlite'}", home)
    store.import_log(entries, names or {})
    store.close()


def test_verify_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    entries = [*many_votes(300), act(ActKind.EXCLUDE, voter="voter-3")]
    path.write_bytes(log_bytes(entries))
    head = list(chain(entries))[-1].hash
    code, out, _ = run(capsys, "verify-log", path)
    assert code == 0
    assert out.startswith(f"301 entries, chain intact, head {head}, board: people on col\n")
    assert "s0" in out
    written = path.read_bytes()
    at = written.index(b'"verdict":"left"', 20_000)
    path.write_bytes(written[:at] + written[at:].replace(b'"verdict":"left"', b'"verdict":"equal"', 1))
    code, out, err = run(capsys, "verify-log", path)
    assert (code, out) == (1, "")
    line = written[:at].count(b"\n") + 1
    assert f"log.jsonl, line {line}, column hash: the chain is broken" in err
    assert run(capsys, "verify-log", tmp_path / "none.jsonl")[0] == 2
    path.write_bytes(log_bytes([]))
    assert run(capsys, "verify-log", path)[1].startswith("0 entries, chain intact, head 0000")


def test_export_and_import_are_byte_exact_and_the_board_is_the_stores(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [cast(1000 + n, "s0", "s1", Verdict.RIGHT, voter="rigger") for n in range(40)]
    acts = [act(ActKind.EXCLUDE, voter="rigger"), act(ActKind.CORRECT, battle="battle-5", verdict=Verdict.BOTH_BAD)]
    names = {f"s{i}": f"system {i}" for i in range(5)}
    stored(home, [*many_votes(300), *more, *acts], {**names, "unused": "bm25"})
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    code, out, _ = run(capsys, "export-votes", first)
    assert (code, json.loads(out)["rows"]) == (0, 342)
    code, out, _ = run(capsys, "verify-log", first, "--json")
    checked = json.loads(out)
    assert (code, checked["chain"], checked["entries"], checked["votes"]) == (0, "intact", 342, 340)

    store = SqlStore(f"sqlite:///{home / 'runoff.sqlite'}", home)
    rows = Decisions(store.decisions()).apply(store.comparisons(collection="col", kind=VoterKind.PERSON))
    store.close()
    board = rate(from_comparisons(rows))
    assert board.ratings is not None
    assert board.intervals is not None
    expected = {names[s]: value for s, value in zip(board.systems, board.ratings, strict=True)}
    low = {names[s]: value for s, value in zip(board.systems, board.intervals.low, strict=True)}
    systems = checked["boards"][0]["systems"]
    assert {s["name"]: s["rating"] for s in systems} == pytest.approx(expected, abs=1e-9)
    assert {s["name"]: s["low"] for s in systems} == pytest.approx(low, abs=1e-9)

    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "elsewhere"))
    code, out, _ = run(capsys, "import-votes", first)
    assert (code, json.loads(out)["added"], json.loads(out)["already"]) == (0, 342, 0)
    assert json.loads(run(capsys, "import-votes", first)[1])["added"] == 0
    assert run(capsys, "export-votes", second)[0] == 0
    assert second.read_bytes() == first.read_bytes()


def test_foreign_votes_in_and_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = ["a,b,left,v1,q1", "b,c,right,v2,q1", "c,a,tie,v1,q2", "b,a,left,,q2", "c,b,both-bad,v2,", "a,a,tie,v2,q1"]
    path = table(tmp_path / "some votes.csv", lines)
    code, out, err = run(capsys, "import-votes", path, "--name", "mine")
    assert code == 0
    assert json.loads(out) == {
        "format": "csv",
        "collection": "votes:mine",
        "entries": 6,
        "added": 6,
        "already": 0,
    }
    assert "1 vote on a system against itself" in err
    assert json.loads(run(capsys, "import-votes", path, "--name", "mine")[1])["already"] == 6
    of_file = json.loads(run(capsys, "leaderboard", "--votes", path, "--json")[1])
    of_store = json.loads(run(capsys, "leaderboard", "--collection", "votes:mine", "--json")[1])
    assert of_store["systems"] == of_file["systems"]
    for format, file in (("lmsys", tmp_path / "out.json"), ("csv", tmp_path / "out.csv")):
        code, out, err = run(capsys, "export-votes", file, "--collection", "votes:mine")
        assert (code, json.loads(out)["format"], json.loads(out)["rows"]) == (0, format, 5)
        assert "Left out, as on boards: 1 hidden controls." in err
        again = json.loads(run(capsys, "leaderboard", "--votes", file, "--json")[1])
        assert again["systems"] == of_file["systems"]


def test_a_broken_file_adds_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = table(tmp_path / "v.csv", ["a,b,left,v1,q1", "a,b,who,v1,q1"])
    code, _, err = run(capsys, "import-votes", path)
    assert code == 2
    assert "v.csv, line 3, column winner" in err
    log = tmp_path / "log.jsonl"
    log.write_bytes(log_bytes([cast(1), cast(2)])[:-1])
    code, _, err = run(capsys, "import-votes", log)
    assert (code, "line 4" in err) == (2, True)
    code, _, err = run(capsys, "export-votes", tmp_path / "x.csv")
    assert (code, "no such votes" in err) == (2, True)
    assert not (tmp_path / "x.csv").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export-votes", "votes.txt"], "does not tell the format"),
        (["export-votes", "votes.jsonl", "--kind", "person"], "exported whole"),
        (["export-votes", "votes.json"], "cannot say the kind of a voter; choose one: judge, person"),
        (["import-votes", "none.csv"], "none.csv: cannot be read"),
        (["leaderboard", "--columns", "a=x"], "belong to --votes"),
    ],
)
def test_transfers_that_are_not_allowed(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    stored(home, every_kind())
    command, file, *more = arguments
    code, out, err = run(capsys, command, *([tmp_path / file] if "." in file else [file]), *more)
    assert (code, out) == (2, "")
    assert message in err
