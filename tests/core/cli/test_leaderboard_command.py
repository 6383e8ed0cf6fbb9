"""Boards of files of votes on the command line, without a database."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import evalica
import numpy as np
import pytest

from tests.support.collections_on_disk import CRANFIELD
from tests.support.command_line import run
from tests.support.vote_files import cast, every_kind, log_bytes, many_votes, table

LLMFAO = CRANFIELD.parent / "votes" / "llmfao.csv"
COLUMNS = "a=left,b=right,winner=winner,voter=worker,query=prompt"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.skipif(not LLMFAO.is_file(), reason="the votes are not beside this checkout")
def test_the_board_of_a_real_file_agrees_with_evalica_and_needs_no_database(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    code, out, err = run(capsys, "leaderboard", "--votes", LLMFAO, "--columns", COLUMNS, "--json")
    assert code == 0
    assert "read as csv" in err
    assert not home.exists()
    board = json.loads(out)
    with LLMFAO.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    words = {"left": evalica.Winner.X, "right": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    fit = evalica.bradley_terry(
        [line["left"] for line in lines],
        [line["right"] for line in lines],
        [words[line["winner"]] for line in lines],
        tie_weight=0.5,
        tolerance=1e-12,
        limit=100_000,
    )
    points = 400 / math.log(10) * np.log(fit.scores)
    expected = (points - points.mean() + 1000).to_dict()
    found = {system["name"]: system["rating"] for system in board["systems"]}
    assert found == pytest.approx(expected, abs=1e-3)
    assert (board["method"], board["votes"], board["voters"], len(found)) == ("bt", 8931, 124, 59)
    assert "400 points" in board["scale"]
    assert board["estimand"]
    for system in board["systems"]:
        assert system["low"] < system["rating"] < system["high"]
        first, last = system["ranks"]
        assert 1 <= first <= last <= 59
        assert (system["component"], system["reason"]) == (0, "")
    assert sum(system["votes"] for system in board["systems"]) == 2 * 8931


def test_methods_and_caps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(log_bytes(many_votes(400)))
    ratings: dict[str, dict[str, float]] = {}
    for method in ("bt", "davidson", "elo", "win-rate"):
        code, out, _ = run(capsys, "leaderboard", "--votes", path, "--method", method, "--json")
        assert code == 0
        board = json.loads(out)
        assert (board["method"], board["format"]) == (method, "runoff")
        ratings[method] = {system["name"]: system["rating"] for system in board["systems"]}
        assert set(ratings[method]) == {f"s{i}" for i in range(5)}
    for method in ("bt", "davidson"):
        assert sum(ratings[method].values()) == pytest.approx(5000)
        assert max(ratings[method], key=ratings[method].__getitem__) == "s0"
    assert ratings["bt"] != ratings["davidson"]
    assert all(0 < share < 1 for share in ratings["win-rate"].values())
    heavy = [cast(1000 + i, "s4", "s0", voter="heavy", query_id=f"q{i % 20}") for i in range(200)]
    path.write_bytes(log_bytes([*many_votes(400), *heavy]))
    last = {}
    for capped in ([], ["--capped"]):
        board = json.loads(run(capsys, "leaderboard", "--votes", path, "--json", *capped)[1])
        last[bool(capped)] = next(s["rating"] for s in board["systems"] if s["name"] == "s4")
    assert last[True] < last[False] - 50


def test_what_cannot_be_rated_has_no_number_and_a_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = ["best,a,left,v1,q1", "a,b,left,v1,q2", "b,a,left,v2,q1", "a,b,tie,v3,q3", "x,y,tie,v3,q3"]
    code, out, _ = run(capsys, "leaderboard", "--votes", table(tmp_path / "v.csv", lines), "--json")
    assert code == 0
    board = json.loads(out)
    found = {system["name"]: system for system in board["systems"]}
    assert not board["identifiable"]
    for name, why in (("best", "unbeaten"), ("x", "only ties"), ("y", "only ties")):
        assert (found[name]["rating"], found[name]["low"], found[name]["ranks"]) == (None, None, None)
        assert why in found[name]["reason"]
    assert found["a"]["component"] == found["b"]["component"] != found["best"]["component"]
    assert (
        found["x"]["component"] == found["y"]["component"] not in (found["a"]["component"], found["best"]["component"])
    )
    code, out, _ = run(capsys, "leaderboard", "--votes", tmp_path / "v.csv")
    assert code == 0
    assert next(line for line in out.splitlines() if line.startswith("best ")).split()[1:4] == ["-", "-", "-"]


@pytest.mark.parametrize("name", ["v.csv", "v.json"])
def test_a_file_without_votes_has_an_empty_board(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    path = table(tmp_path / name, []) if name == "v.csv" else tmp_path / name
    if name == "v.json":
        path.write_text("[]", "utf-8")
    code, out, _ = run(capsys, "leaderboard", "--votes", path, "--json")
    assert code == 0
    board = json.loads(out)
    assert (board["votes"], board["systems"], board["summary"]) == (0, [], "There are no votes yet.")
    assert run(capsys, "leaderboard", "--votes", path)[1].startswith("There are no votes yet.")


def test_acts_of_a_log_count_and_slices_apply(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(log_bytes(every_kind()))

    def votes(*arguments: str) -> int:
        code, out, err = run(capsys, "leaderboard", "--votes", path, "--json", *arguments)
        assert code == 0, err
        return int(json.loads(out)["votes"])

    assert votes() == 5  # 1 undone, 10 quarantined, 7 and 8 controls, 9 of a judge
    assert votes("--kind", "judge") == 1
    assert votes("--as-of", "2026-03-01T12:30:00") == 7  # nothing had been decided
    assert votes("--since", "2026-03-01T12:03:00Z", "--until", "2026-03-01T12:05:00Z") == 2  # the third and the fourth
    assert votes("--group", "staff") == 1
    assert votes("--category", "other") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "labels"], "no relevance labels"),
        (["--kind", "judge"], "has no votes of judge. Rated comparisons in it: 1 of person on votes:v"),
        (["--collection", "other"], "has no votes of person on 'other'"),
        (["--since", "2026-03-01"], "does not say of every vote when it was cast"),
        (["--format", "lmsys", "--columns", "a=x"], "Columns are named only for CSV"),
        (["--columns", "a=x,b=right,winner=winner"], "does not name 'x'"),
        (["--format", "runoff"], "line 1"),
    ],
)
def test_requests_that_a_file_cannot_answer(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    path = tmp_path / "v.csv"
    path.write_text("left,right,winner,kind\na,b,left,person\n", "utf-8")
    code, out, err = run(capsys, "leaderboard", "--votes", path, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_several_collections_must_be_told_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(log_bytes([cast(1), cast(2, collection="other")]))
    code, _, err = run(capsys, "leaderboard", "--votes", path)
    assert code == 2
    assert "choose one. There are: 1 of person on col, 1 of person on other" in err
    assert run(capsys, "leaderboard", "--votes", path, "--collection", "oth")[0] == 0


def test_a_board_of_too_few_voters_to_cap_says_that_it_is_not_capped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = table(tmp_path / "few.csv", ["x,y,left,ann,q1", "x,y,right,bob,q2", "x,y,left,cid,q3"])
    _, out, err = run(capsys, "leaderboard", "--votes", path, "--capped", "--json")
    board, why = json.loads(out), "No capped board from 3 voters: at least 5 are needed."
    assert (board["capped"], board["not_capped"]) == (False, why)
    assert f"note: this board is not capped. {why}" in err
    _, out, err = run(capsys, "leaderboard", "--votes", path, "--json")
    assert (json.loads(out)["capped"], json.loads(out)["not_capped"]) == (False, None)
    assert "capped" not in err
