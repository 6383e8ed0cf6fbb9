"""Votes in tables whose columns are named."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from core.datasets.votes.cast_row import CastRow
from core.datasets.votes.contents import cast_rows, read_votes, silent_meter
from core.datasets.votes.formats import VoteFormat
from core.datasets.votes.formulas import guarded, unguarded
from core.datasets.votes.notes import RowNotes
from core.datasets.votes.table import write_csv
from core.domain.errors import ImportFormatError, InvalidInputError
from core.domain.voting import Verdict, VoterKind
from tests.support.collections_on_disk import CRANFIELD

LLMFAO = CRANFIELD.parent / "votes" / "llmfao.csv"
COLUMNS = "a=left,b=right,winner=winner,voter=worker,query=prompt"


def rows(tmp_path: Path, text: str | bytes, columns: str = "") -> list[CastRow]:
    path = tmp_path / "votes.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(cast_rows(path, path.name, VoteFormat.CSV, columns, silent_meter(), RowNotes()))


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("left", Verdict.LEFT),
        ("Right", Verdict.RIGHT),
        (" A ", Verdict.LEFT),
        ("b", Verdict.RIGHT),
        ("model_a", Verdict.LEFT),
        ("model_b", Verdict.RIGHT),
        ("one", Verdict.LEFT),
        ("TWO", Verdict.RIGHT),
        ("bm25", Verdict.LEFT),
        ("maxsim", Verdict.RIGHT),
        ("tie", Verdict.EQUAL),
        ("equal", Verdict.EQUAL),
        ("Draw", Verdict.EQUAL),
        ("both-bad", Verdict.BOTH_BAD),
        ("both bad", Verdict.BOTH_BAD),
        ("both_bad", Verdict.BOTH_BAD),
        ("bothbad", Verdict.BOTH_BAD),
        ("tie (bothbad)", Verdict.BOTH_BAD),
    ],
)
def test_words_for_the_winner(tmp_path: Path, word: str, verdict: Verdict) -> None:
    text = f"one,two,who\nbm25,maxsim,{word}\n"
    assert [row.verdict for row in rows(tmp_path, text, "a=one,b=two,winner=who")] == [verdict]


@pytest.mark.parametrize("word", ["", "neither", "leftish", "0.5", "1", "BM25", "other"])
def test_an_unknown_winner_is_an_error_and_never_a_tie(tmp_path: Path, word: str) -> None:
    with pytest.raises(ImportFormatError) as failed:
        rows(tmp_path, f"one,two,who\nbm25,maxsim,tie\nbm25,maxsim,{word}\n", "a=one,b=two,winner=who")
    assert str(failed.value).startswith("votes.csv, line 3, column who: must be one of a, model_a, left, b,")
    assert "tie" in failed.value.cause
    assert "name of one of the two systems" in failed.value.cause


def test_a_word_that_means_two_things_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="line 2, column winner: 'b' is the name of one system"):
        rows(tmp_path, "left,right,winner\nb,a,b\n")
    assert rows(tmp_path, "left,right,winner\na,b,b\n")[0].verdict is Verdict.RIGHT


def test_every_column(tmp_path: Path) -> None:
    text = (
        "\ufeffwho;one;two;judge;text;when;topic;sort;team;x\r\n"
        'one;"=a;1";\'=b;ann;"two\nlines";2026-03-01T13:00:00+01:00;web;judge;staff;1\r\n'
        "tie;c;d;;;1772366400.5;;;;\r\n"
        "\r\n"
        "tie;c;d;;;20260301;;person;;2\r\n"
    )
    mapping = "a=one,b=two,winner=who,voter=judge,query=text,time=when,category=topic,kind=sort,group=team"
    found = rows(tmp_path, text, mapping)
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert found[0] == CastRow(
        number=1,
        left="=a;1",
        right="=b",
        verdict=Verdict.LEFT,
        voter="ann",
        query="two\nlines",
        category="web",
        group="staff",
        kind=VoterKind.JUDGE,
        at=at,
    )
    assert found[1] == CastRow(number=2, left="c", right="d", verdict=Verdict.EQUAL, at=at.replace(microsecond=500_000))
    assert (found[2].at, found[2].kind) == (at.replace(hour=0), VoterKind.PERSON)


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("left,right\na,b\n", "", "line 1: the header does not name 'winner'. Columns of this file: 'left', 'right'"),
        ("x,y,w\na,b,tie\n", "a=x,b=z,winner=w", "line 1: the header does not name 'z'"),
        ("left,right,winner\na,b,tie\n", COLUMNS, "does not name 'worker', 'prompt'"),
        ("left,left,right,winner\n", "", "line 1, column left: the column is named twice"),
        ("left,right,winner\n ,b,tie\n", "", "line 2, column left: is empty"),
        ("left,right,winner\na,,tie\n", "", "line 2, column right: is empty"),
        ("left,right,winner\na,b\n", "", "line 2: has 2 cells, but the header names 3"),
        ('left,right,winner\na,"b"c,tie\n', "", "line 2: not valid CSV"),
        ('left,right,winner\na,"b\nc,tie\n', "", "line 2: not valid CSV"),
        ("left,right,winner,time\na,b,tie,noon\n", "", "line 2, column time: must be a time"),
        ("left,right,winner,time\na,b,tie,1e3\n", "", "line 2, column time: must be a time"),
        ("left,right,winner,time\na,b,tie,0001-01-01T00:00+10:00\n", "", "line 2, column time: must be a time"),
        ("left,right,winner,kind\na,b,tie,robot\n", "", "line 2, column kind: must be person or judge"),
        (f"left,right,winner,voter\na,b,tie,{'v' * 129}\n", "", "line 2, column voter: has 129 characters"),
        (b"left,right,winner\na,\xe4,tie\n", "", r"line 2, column 3: not UTF-8 \(byte 0xE4\)"),
        ("left,right,winner\n".encode("utf-16"), "", "line 1: is UTF-16"),
    ],
)
def test_malformed_tables_name_the_place(tmp_path: Path, text: str | bytes, columns: str, message: str) -> None:
    with pytest.raises(ImportFormatError, match=message):
        rows(tmp_path, text, columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("a=left,b=right", "do not say which is winner"),
        ("a=left,b=right,winner=w,judge=j", "Cannot read 'judge=j'.*voter, query, time, category, kind, group"),
        ("a=left,a=right,winner=w", "name a twice"),
        ("a,b=right,winner=w", "Cannot read 'a'"),
        ("a=,b=right,winner=w", "Cannot read 'a='"),
        ('"a=left,b=right', "Cannot read the columns"),
    ],
)
def test_a_mapping_that_cannot_be_read(tmp_path: Path, columns: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        rows(tmp_path, "left,right,w\na,b,tie\n", columns)


def test_a_column_whose_name_has_a_comma(tmp_path: Path) -> None:
    assert len(rows(tmp_path, '"left, side",right,w\na,b,tie\n', '"a=left, side",b=right,winner=w')) == 1


def test_round_trip_and_formulas(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
    given = [
        CastRow(
            number=1,
            left='=HYPERLINK("http://x")',
            right="'=b",
            verdict=Verdict.BOTH_BAD,
            voter="+1",
            query="two\nlines, and a comma",
            category="@x",
            group="-y",
            kind=VoterKind.JUDGE,
            at=at,
        ),
        CastRow(number=2, left="''@c", right="'d", verdict=Verdict.RIGHT),
        CastRow(number=3, left="\tx", right=" y ", verdict=Verdict.LEFT),
        CastRow(number=4, left="x", right="y", verdict=Verdict.EQUAL),
    ]
    stream = BytesIO()
    assert write_csv(stream, given) == 4
    assert rows(tmp_path, stream.getvalue()) == given
    cells = [cell for line in csv.reader(StringIO(stream.getvalue().decode())) for cell in line]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert [guarded(text) for text in ("=1", "a=1", "", "'a", "'=1")] == ["'=1", "a=1", "", "'a", "''=1"]
    assert [unguarded(text) for text in ("'=1", "a=1", "", "'a", "''=1")] == ["=1", "a=1", "", "'a", "'=1"]


@pytest.mark.skipif(not LLMFAO.is_file(), reason="the votes are not beside this checkout")
def test_llmfao() -> None:
    found = read_votes(LLMFAO, columns=COLUMNS)
    board = found.boards["votes:llmfao", VoterKind.PERSON]
    with LLMFAO.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    shares = {"left": 1.0, "right": 0.0, "tie": 0.5}
    assert board.share.tolist() == [shares[line["winner"]] for line in table]
    assert [board.systems[place] for place in board.left] == [line["left"] for line in table]
    assert [board.systems[place] for place in board.right] == [line["right"] for line in table]
    assert [board.voters[place] for place in board.voter] == [line["worker"] for line in table]
    assert [board.queries[place] for place in board.query] == [line["prompt"] for line in table]
    assert (len(board), len(board.systems), len(board.voters)) == (8931, 59, 124)
    assert found.notes == ("Not read: id (8,931), model_x (8,931), model_y (8,931).",)
