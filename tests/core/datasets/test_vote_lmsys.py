"""Battle JSON as LMSYS and the MTEB arena publish it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from core.datasets.votes.cast_row import CastRow
from core.datasets.votes.contents import cast_rows, read_votes, silent_meter
from core.datasets.votes.formats import VoteFormat
from core.datasets.votes.json_records import CHUNK_BYTES
from core.datasets.votes.lmsys import write_lmsys
from core.datasets.votes.notes import RowNotes
from core.domain.errors import ImportFormatError
from core.domain.voting import Verdict, VoterKind

BATTLE = {"model_a": "gpt-4", "model_b": "vicuna-13b", "winner": "model_a"}


def rows(path: Path) -> tuple[list[CastRow], RowNotes]:
    notes = RowNotes()
    return list(cast_rows(path, path.name, VoteFormat.LMSYS, "", silent_meter(), notes)), notes


def saved(tmp_path: Path, text: str, name: str = "battles.json") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("layout", ["array", "compact array", "lines", "lines with blanks"])
def test_array_and_lines_say_the_same(tmp_path: Path, layout: str) -> None:
    battles = [
        {**BATTLE, "judge": "arena_user_1", "tstamp": 1682351448.7385, "question_id": "q1", "turn": 1},
        {**BATTLE, "winner": "model_b", "judge": 17, "question_id": 81, "language": "English"},
        {**BATTLE, "winner": "tie", "prompt": "naïve 😀?", "turn": 2, "conversation_a": [{"content": "}]"}]},
        {**BATTLE, "winner": "tie (bothbad)", "judge": None, "tstamp": None},
    ]
    text = {
        "array": json.dumps(battles, indent=1),
        "compact array": "\ufeff" + json.dumps(battles, separators=(",", ":"), ensure_ascii=False) + "\n \n",
        "lines": "\n".join(map(json.dumps, battles)),
        "lines with blanks": "\n\n".join(map(json.dumps, battles)) + "\n\n",
    }[layout]
    found, notes = rows(saved(tmp_path, text))
    assert [row.verdict for row in found] == [Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL, Verdict.BOTH_BAD]
    assert [row.voter for row in found] == ["arena_user_1", "17", "", ""]
    assert [row.query for row in found] == ["q1", "81", "naïve 😀?", ""]
    assert [row.number for row in found] == [1, 2, 3, 4]
    assert found[0].at == datetime(2023, 4, 24, 15, 50, 48, 738500, tzinfo=UTC)
    assert found[1].at is None
    assert notes.ignored == {"turn": 2, "language": 1, "conversation_a": 1}
    assert notes.sentences() == (
        "2 of 4 votes name no voter: each counts as a voter of its own, as if votes were independent.",
        "1 of 4 votes names no query: they count as votes on one query.",
        "Not read: turn (2), language (1), conversation_a (1).",
    )


def test_an_array_of_many_chunks_keeps_count_of_lines(tmp_path: Path) -> None:
    long = {**BATTLE, "conversation_a": "ä" * CHUNK_BYTES}
    battles = [BATTLE, long, *([BATTLE] * 5000), {**BATTLE, "winner": "neither"}]
    text = "[\n" + ",\n".join(json.dumps(battle, ensure_ascii=False) for battle in battles) + "\n]"
    with pytest.raises(ImportFormatError) as failed:
        rows(saved(tmp_path, text))
    assert str(failed.value).startswith("battles.json, record 5003, line 5004, column winner: must be one of 'model_a'")
    found, _ = rows(saved(tmp_path, text.replace("neither", "tie")))
    assert len(found) == 5003


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "line 1: record 1: every element"),
        ('[{"a": 1}', r"column model_a: is missing"),
        ("[]x", "nothing may follow"),
        ("[1]", "must be an object"),
        (json.dumps([BATTLE])[:-1], "expected ',' or ']', found the end"),
        (json.dumps([BATTLE]) + "\n{}", "line 2: nothing may follow"),
        ('[\n{"model_a": \n\n nope}]', "line 4: record 1: not valid JSON"),
        (r'[{"model_a": "\ud800"}]', "half of a surrogate"),
        (json.dumps([{**BATTLE, "model_b": " "}]), "column model_b: is empty"),
        (json.dumps([{**BATTLE, "model_b": 5}]), "column model_b: must be a text"),
        (json.dumps([{**BATTLE, "winner": "TIE"}]), "'tie', 'tie \\(bothbad\\)', not 'TIE'"),
        (json.dumps([{**BATTLE, "winner": None}]), "column winner: is missing"),
        (json.dumps([{**BATTLE, "tstamp": "noon"}]), "column tstamp: must be a number"),
        (json.dumps([{**BATTLE, "tstamp": 1e300}]), "column tstamp: must be a time between"),
        (json.dumps([{**BATTLE, "tstamp": 10**400}]), "column tstamp: must be a time between"),
        (json.dumps([{**BATTLE, "tstamp": -1}]), "column tstamp: must be a time between"),
        ('[{"tstamp": NaN, "model_a": "a", "model_b": "b", "winner": "tie"}]', "column tstamp: must be a time between"),
        (json.dumps([{**BATTLE, "judge": "j" * 129}]), "column judge: has 129 characters"),
        (json.dumps([{**BATTLE, "judge": ["gpt-4", "pair"]}]), "column judge: must be a text, not a list"),
        (json.dumps([{**BATTLE, "model_a": "a\0b"}]), "column model_a: holds a NUL"),
        (json.dumps(BATTLE) + "\n[]", "line 2: every line must be one JSON object"),
        ("[" + "[" * 100_000, "must be an object"),
        ('[{"x": ' + "[" * 100_000, "not usable JSON|not valid JSON"),
    ],
)
def test_malformed_files_name_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = saved(tmp_path, text)
    with pytest.raises(ImportFormatError, match=message) as failed:
        rows(path)
    assert "line " in str(failed.value)


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "battles.json"
    path.write_bytes(b'[\n{"model_a": "\xff"}]')
    with pytest.raises(ImportFormatError, match=r"battles\.json, line 2: not UTF-8 \(byte 0xFF\)"):
        rows(path)
    path.write_bytes(b'[\n{"model_a": "\xc3')
    with pytest.raises(ImportFormatError, match="line 2: not UTF-8"):
        rows(path)


def test_round_trip_of_what_the_format_holds(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
    given = [
        CastRow(number=1, left="=a", right="b\n", verdict=Verdict.LEFT, voter="v", query="q", at=at),
        CastRow(number=2, left="b", right="ü", verdict=Verdict.RIGHT, at=at + timedelta(microseconds=333_331)),
        CastRow(number=3, left="b", right="c", verdict=Verdict.EQUAL, voter="v"),
        CastRow(number=4, left="b", right="c", verdict=Verdict.BOTH_BAD, query="q"),
    ]
    path = tmp_path / "battles.json"
    with path.open("wb") as stream:
        assert write_lmsys(stream, given) == 4
    assert rows(path)[0] == given
    first = path.read_bytes()
    again = BytesIO()
    write_lmsys(again, rows(path)[0])
    assert again.getvalue() == first
    assert json.loads(first)[0] == {
        "question_id": "q",
        "model_a": "=a",
        "model_b": "b\n",
        "winner": "model_a",
        "judge": "v",
        "tstamp": at.timestamp(),
    }
    empty = BytesIO()
    assert write_lmsys(empty, []) == 0
    assert json.loads(empty.getvalue()) == []


def test_columns_of_a_file(tmp_path: Path) -> None:
    same = {"model_a": "gpt-4", "model_b": "gpt-4", "winner": "tie"}
    path = saved(tmp_path, json.dumps([BATTLE, same, {**BATTLE, "winner": "tie (bothbad)"}]))
    found = read_votes(path, kind=VoterKind.JUDGE)
    board = found.boards["votes:battles", VoterKind.JUDGE]
    assert (board.systems, board.share.tolist(), board.both_bad.tolist()) == (
        ("gpt-4", "vicuna-13b"),
        [1.0, 0.5],
        [False, True],
    )
    assert len(set(board.voters)) == 2  # nobody is named: each vote is a voter of its own
    assert not found.timed
    assert "1 vote on a system against itself" in found.notes[2]
