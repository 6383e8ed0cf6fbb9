"""Votes between files and a store."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from core.bootstrap import App
from core.datasets.votes.contents import read_votes
from core.datasets.votes.formats import VoteFormat
from core.domain.collections import Collection
from core.domain.errors import ImportFormatError, InvalidInputError, NotAllowedError
from core.domain.roles import COMMAND_LINE, Actor, Role
from core.domain.vote_log import ActKind
from core.domain.voting import Verdict, VoterKind
from core.services.board.boards import BoardRequest
from core.services.board.file_board import file_board
from core.services.votes.counted_rows import distinct_names
from core.services.votes.vote_files import ExportReport
from tests.support.vote_files import SYSTEMS, act, cast, every_kind, log_bytes, many_votes

ANN = Actor(id="ann", role=Role.RESEARCHER)


def exported(app: App, format: VoteFormat, **more: object) -> tuple[bytes, ExportReport]:
    stream = BytesIO()
    report = app.vote_files.export(ANN, format, stream, **more)  # type: ignore[arg-type]  # options by name
    return stream.getvalue(), report


def test_voters_may_neither_import_nor_export(app: App) -> None:
    voter = Actor(id="bob", role=Role.VOTER)
    with pytest.raises(NotAllowedError, match="import votes"):
        app.vote_files.import_(voter, b"[]", "x")
    with pytest.raises(NotAllowedError, match="export votes"):
        app.vote_files.export(voter, VoteFormat.RUNOFF, BytesIO())


def test_an_uploaded_log_comes_back_byte_for_byte(app: App) -> None:
    written = log_bytes(every_kind())
    report = app.vote_files.import_(ANN, written, "", file_name="../../votes.jsonl")
    assert (report.format, report.entries, report.added, report.already) == (VoteFormat.RUNOFF, 15, 15, 0)
    assert exported(app, VoteFormat.RUNOFF)[0] == written
    assert app.vote_files.import_(ANN, written, "").added == 0
    assert exported(app, VoteFormat.RUNOFF)[0] == written


def test_only_systems_that_occur_are_named(app: App) -> None:
    app.vote_files.import_(ANN, log_bytes([cast(1)], {**SYSTEMS, "f-z": "unused"}), "")
    first = exported(app, VoteFormat.RUNOFF)[0].splitlines()[0]
    assert json.loads(first)["systems"] == {"f-a": "bm25", "f-b": "bi-encoder"}


def test_the_board_of_an_exported_log_is_that_of_the_store(app: App, small: Collection, tmp_path: Path) -> None:
    votes = [cast(n, f"s{n % 4}", f"s{(n * 7 + n // 4) % 4}", collection=small.fingerprint) for n in range(1, 20)]
    more = many_votes(400, systems=5)
    moved = [cast(v.id + 50, v.left, v.right, v.verdict, collection=small.fingerprint, voter=v.voter) for v in more]
    acts = [
        act(ActKind.EXCLUDE, voter="voter-2"),
        act(ActKind.QUARANTINE, voter="voter-9"),
        act(ActKind.READMIT, battle=next(vote.battle for vote in moved if vote.voter == "voter-9")),
        act(ActKind.CORRECT, battle="battle-77", verdict=Verdict.BOTH_BAD),
        act(ActKind.UNDO, battle="battle-80"),
    ]
    entries = [*(vote for vote in votes if vote.left != vote.right), *moved, *acts]
    app.store.import_log(entries, {f"s{i}": f"system {i}" for i in range(5)})
    path = tmp_path / "log.jsonl"
    path.write_bytes(exported(app, VoteFormat.RUNOFF)[0])
    file = read_votes(path)
    for capped in (False, True):
        request = BoardRequest(collection=small.fingerprint, capped=capped)
        theirs = {entry.name: entry for entry in app.leaderboard.board(request).entries if entry.votes}
        ours = {entry.name: entry for entry in file_board(file, request).entries}
        assert set(ours) == set(theirs) == {f"system {i}" for i in range(5)}
        for name, entry in ours.items():
            other = theirs[name]
            assert (entry.first_rank, entry.last_rank, entry.votes) == (other.first_rank, other.last_rank, other.votes)
            for value in ("rating", "low", "high"):
                assert getattr(entry, value) == pytest.approx(getattr(other, value), abs=1e-9)


def test_an_error_late_in_a_file_adds_nothing(app: App) -> None:
    lines = ["left,right,winner,voter", *(f"a,b,left,v{n}" for n in range(5500)), "a,b,perhaps,v"]
    with pytest.raises(ImportFormatError, match=r"many\.csv, line 5502, column winner"):
        app.vote_files.import_(ANN, "\n".join(lines).encode(), "many", file_name="many.csv")
    with pytest.raises(ImportFormatError, match="line 4"):
        app.vote_files.import_(ANN, log_bytes([cast(1), cast(2)])[:-1], "")
    assert list(app.store.log()) == []
    assert app.store.vote_sources() == ()


def test_what_boards_count_is_exported(app: App, tmp_path: Path) -> None:
    app.vote_files.import_(COMMAND_LINE, log_bytes(every_kind()), "")
    content, report = exported(app, VoteFormat.LMSYS, kind=VoterKind.PERSON)
    battles = json.loads(content)
    assert [(b["model_a"], b["model_b"], b["winner"]) for b in battles] == [
        ("bm25", "bi-encoder", "tie"),  # corrected
        ("bm25", "bi-encoder", "tie"),
        ("bm25", "bi-encoder", "tie (bothbad)"),
        ("bm25", "bi-encoder", "model_a"),
        ("bm25", "bi-encoder", "tie"),  # the order over three systems
        ("bm25", "maxsim", "model_b"),
        ("bi-encoder", "maxsim", "model_b"),
    ]
    assert report.rows == 7
    assert report.notes == (
        "Left out, as on boards: 2 hidden controls, 1 quarantined, 1 withdrawn.",
        "1 vote over several systems became one row for each pair.",
        "2 votes have marks or reasons, which lmsys cannot hold.",
    )
    table, report = exported(app, VoteFormat.CSV)
    assert report.rows == 8
    path = tmp_path / "again.csv"
    path.write_bytes(table)
    assert {source[1]: len(rows) for source, rows in read_votes(path).boards.items()} == {
        VoterKind.PERSON: 7,
        VoterKind.JUDGE: 1,
    }


def test_one_collection_at_a_time(app: App) -> None:
    app.vote_files.import_(ANN, log_bytes([cast(1), cast(2, collection="other")]), "")
    with pytest.raises(InvalidInputError, match="several collections; choose one: col, other"):
        exported(app, VoteFormat.CSV)
    assert exported(app, VoteFormat.CSV, collection="other")[1].rows == 1
    with pytest.raises(InvalidInputError, match="no such votes"):
        exported(app, VoteFormat.CSV, collection="other", kind=VoterKind.JUDGE)


def test_voters_of_two_files_stay_apart(app: App) -> None:
    table = b"left,right,winner,voter\na,b,left,7\nb,a,left,\n"
    assert app.vote_files.import_(ANN, table, "one", file_name="x.csv").source == "votes:one"
    report = app.vote_files.import_(ANN, table, "", file_name="two.csv", kind=VoterKind.JUDGE)
    assert report.source == "votes:two"
    assert "Votes without a time carry that of the import." in report.notes
    votes = app.store.votes()
    assert [vote.voter for vote in votes if vote.voter != vote.battle] == ["one:7", "two:7"]
    assert [vote.voter_kind for vote in votes] == [VoterKind.PERSON] * 2 + [VoterKind.JUDGE] * 2
    assert exported(app, VoteFormat.CSV, collection="votes:two")[0].decode().splitlines()[1].startswith("a,b,left,7,")


def test_a_file_read_again_with_other_columns_is_refused_and_one_that_has_grown_is_not(app: App) -> None:
    table = b"left,right,winner,worker\na,b,left,7\nb,a,left,8\n"
    assert app.vote_files.import_(ANN, table, "one", file_name="x.csv").added == 2
    with pytest.raises(InvalidInputError, match="under the name 'one' already"):
        app.vote_files.import_(
            ANN, table, "one", columns="a=left,b=right,winner=winner,voter=worker", file_name="x.csv"
        )
    grown = app.vote_files.import_(ANN, table + b"a,b,right,7\n", "one", file_name="x.csv")
    assert (grown.added, grown.already) == (1, 2)
    assert len(app.store.votes()) == 3


@pytest.mark.parametrize("name", [" ", "x" * 81, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(app: App, name: str) -> None:
    with pytest.raises(InvalidInputError, match="1 to 80 printable characters"):
        app.vote_files.import_(ANN, b"left,right,winner\n", name, file_name="x.csv")


def test_systems_of_one_specification_get_names_of_their_own() -> None:
    specs = {"0123456789": "bm25", "abcdefghij": "bm25", "f": "maxsim"}
    assert distinct_names(specs) == {
        "0123456789": "bm25 (01234567)",
        "abcdefghij": "bm25 (abcdefgh)",
        "f": "maxsim",
    }
