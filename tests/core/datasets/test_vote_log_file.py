"""Runoff's own log of votes as a file: byte-exact, and not one byte may be another."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from core.datasets.votes.contents import read_votes
from core.datasets.votes.formats import VoteFormat
from core.datasets.votes.log_reader import read_log
from core.datasets.votes.log_writer import chain, write_log
from core.domain.canonical import canonical_json
from core.domain.errors import ImportFormatError
from core.domain.vote_log import ActKind, body
from core.domain.voting import BattleForm, Verdict, VoterKind
from tests.support.vote_files import SYSTEMS, act, cast, every_kind, log_bytes


def rehashed(lines: list[dict[str, object]]) -> bytes:
    """A file of these bodies with a chain and an end line that fit, computed as docs/votes.md says, by hand."""
    made = canonical_json({"format": "runoff-votes", "systems": SYSTEMS, "version": 1}).encode() + b"\n"
    head = "0" * 64
    for line in lines:
        head = hashlib.sha256(f"{head}\n{canonical_json(line)}".encode()).hexdigest()
        made += canonical_json({**line, "hash": head}).encode() + b"\n"
    end = {"end": "runoff-votes", "entries": len(lines), "head": head, "sha256": hashlib.sha256(made).hexdigest()}
    return made + canonical_json(end).encode() + b"\n"


def test_the_writer_writes_what_the_documentation_says() -> None:
    assert log_bytes(every_kind()) == rehashed([dict(body(entry)) for entry in every_kind()])
    assert log_bytes([]) == rehashed([])


def test_round_trip_is_byte_exact(tmp_path: Path) -> None:
    written = log_bytes(every_kind())
    found = read_log(BytesIO(written))
    assert list(found.entries) == every_kind()
    assert found.systems == SYSTEMS
    again = BytesIO()
    report = write_log(again, chain(found.entries), found.systems)
    assert again.getvalue() == written
    assert (report.entries, report.head, report.sha256) == (len(every_kind()), found.head, found.sha256)
    path = tmp_path / "log.jsonl"
    path.write_bytes(written)
    assert read_log(path) == found


def test_every_changed_byte_is_found_at_its_line_or_where_the_chain_breaks() -> None:
    written = log_bytes(every_kind()[:4] + every_kind()[-5:-4])
    draw = Random(7)
    line_of = [written[:at].count(b"\n") + 1 for at in range(len(written))]
    last = line_of[-1]
    for at in range(len(written)):
        other = written[at] ^ (1 << draw.randrange(8))
        with pytest.raises(ImportFormatError) as failed:
            read_log(BytesIO(written[:at] + bytes([other]) + written[at + 1 :]))
        first_line = {last} if line_of[at] == 1 else set()  # only the digest at the end holds the first line
        assert failed.value.line in {line_of[at]} | first_line, (at, failed.value)


@pytest.mark.parametrize(
    "kept", ["blank", "return", "missing line", "doubled line", "swapped lines", "cut", "cut line"]
)
def test_other_damage_names_the_line(kept: str) -> None:
    lines = log_bytes([cast(1), cast(2), cast(3)]).splitlines(keepends=True)
    damaged, line = {
        "blank": ([*lines[:2], lines[2].replace(b'":', b'": ', 1), *lines[3:]], 3),
        "return": ([*lines[:2], lines[2][:-1] + b"\r\n", *lines[3:]], 3),
        "missing line": ([*lines[:2], *lines[3:]], 3),
        "doubled line": ([*lines[:3], lines[2], *lines[3:]], 4),
        "swapped lines": ([lines[0], lines[2], lines[1], *lines[3:]], 2),
        "cut": (lines[:-1], 5),
        "cut line": ([*lines[:3], lines[3][:-9]], 4),
    }[kept]
    with pytest.raises(ImportFormatError) as failed:
        read_log(BytesIO(b"".join(damaged)), name="votes.jsonl")
    assert failed.value.line == line
    assert str(failed.value).startswith(f"votes.jsonl, line {line}")


def test_nothing_may_follow_the_end() -> None:
    with pytest.raises(ImportFormatError, match="line 5: nothing may follow"):
        read_log(BytesIO(log_bytes([cast(1), cast(2)]) + b"\n"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("verdict", "left-ish", "'left', 'right', 'equal', 'both-bad', 'ordered', not 'left-ish'"),
        ("order", [["0"]], "lists of slots"),
        ("slots", ["a", ""], "texts"),
        ("depth", -1, "whole number from 0"),
        ("depth", True, "whole number from 0"),
        ("seed", 2**63, "whole number"),
        ("probability", 1.5, "from 0 to 1"),
        ("at", "2026-13-01T12:00:00.000000+00:00", "no time"),
        ("at", "2026-03-01 12:00", "a time like"),
        ("at", None, "must be a text, not nothing"),
        ("shown_at", 5, "must be a text, not 5"),
        ("marks", [["d", 1]], "pairs of a document id and true or false"),
        ("voter", "v" * 129, "at most 128"),
        ("battle", "", "must be a text"),
        ("extra", 1, "means nothing here"),
    ],
)
def test_a_wrong_field_is_named_even_where_the_chain_fits(field: str, value: object, message: str) -> None:
    lines = [dict(body(cast(1))), {**body(cast(2)), field: value}]
    with pytest.raises(ImportFormatError, match=message) as failed:
        read_log(BytesIO(rehashed(lines)))
    assert (failed.value.line, failed.value.column) == (3, field)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"battle": "battle-7"}, "has no vote before this line"),
        ({"battle": "battle-2"}, "an order of several systems, which cannot be corrected"),
        ({"verdict": "ordered"}, "an order cannot be corrected"),
        ({"entry": "forget"}, "must be one of 'undo'"),
        ({"voter": "voter-1"}, 'either a "battle" or a "voter"'),
        ({"entry": "undo"}, "means nothing here"),
    ],
)
def test_an_act_must_make_sense(change: dict[str, object], message: str) -> None:
    correct = body(act(ActKind.CORRECT, battle="battle-1", verdict=Verdict.RIGHT))
    ordered = cast(2, form=BattleForm.BEST_TO_WORST, verdict=Verdict.ORDERED, further=("f-c",), order=((0,), (1, 2)))
    lines = [dict(body(cast(1))), dict(body(ordered)), {**correct, **change}]
    assert len(read_log(BytesIO(rehashed([lines[0], lines[1], dict(correct)]))).entries) == 3
    with pytest.raises(ImportFormatError, match=message) as failed:
        read_log(BytesIO(rehashed(lines)))
    assert failed.value.line == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": [[0], [1]]}, r"must name the slots \[\]"),
        ({"verdict": "ordered", "order": [[0], [1]]}, "The verdict ordered on a battle of the form side-by-side"),
        ({"form": "best-to-worst", "verdict": "ordered", "order": [[1]]}, r"must name the slots \[0, 1\], each once"),
        ({"slots": ["f-a"]}, "with 1 systems. Allowed: 2 to 2"),
        ({"slots": ["f-a", "f-b", "f-c"]}, "with 3 systems. Allowed: 2 to 2"),
        ({"marks": [["d", True], ["d", False]]}, "another document"),
        ({"reasons": ["order", "order"]}, "given once"),
    ],
)
def test_a_ballot_that_fits_no_battle_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ImportFormatError, match=message) as failed:
        read_log(BytesIO(rehashed([dict(body(cast(1))), {**body(cast(2)), **change}])))
    assert failed.value.line == 3


def test_one_battle_has_one_vote() -> None:
    with pytest.raises(ImportFormatError, match="line 3, column battle: battle 'battle-1' has its vote already"):
        read_log(BytesIO(rehashed([dict(body(cast(1))), dict(body(cast(1)))])))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends before the end line"),
        (b"{}\n", "no log of votes"),
        (b'{"format":"runoff-votes","systems":{},"version":2}\n', "reads version 1"),
        (b'{"format":"runoff-votes","systems":[],"version":1}\n', "fingerprint to specification"),
        (b'{"format":"runoff-votes","systems":{},"version":1}\n[]\n', "one JSON object"),
        (b'{"format":"runoff-votes","systems":{},"version":1}\n' + b"[" * 100_000 + b"\n", "line 2"),
        (b'{"format":"runoff-votes","systems":{},"version":1}\n{"at":NaN}\n', "NaN is no number"),
        (b'{"format":"runoff-votes","systems":{},"version":1}\n\xff\n', "not a line of this format"),
    ],
)
def test_what_is_no_log_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ImportFormatError, match=message):
        read_log(BytesIO(content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match=r"none\.jsonl: cannot be read"):
        read_log(tmp_path / "none.jsonl")


def test_columns_and_decisions_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(log_bytes(every_kind()))
    found = read_votes(path)
    assert found.format is VoteFormat.RUNOFF
    assert found.log is not None
    assert (found.log.entries, found.log.votes) == (15, 10)
    assert {source: len(rows) for source, rows in found.boards.items()} == {
        ("col", VoterKind.PERSON): 9,  # six votes on two systems, three pairs of the one over three; no controls
        ("col", VoterKind.JUDGE): 1,
    }
    counted = found.decisions.apply(found.boards["col", VoterKind.PERSON])
    # undone: 1; excluded with their voter: 4 (readmitted by itself), 10 (quarantined later by itself); corrected: 2
    assert sorted(set(counted.vote.tolist())) == [2, 3, 4, 5, 6]
    assert counted.share[counted.vote == 2].tolist() == [0.5]
    assert counted.share[counted.vote == 6].tolist() == [0.5, 0.0, 0.0]
    assert found.names == SYSTEMS
    assert "2 hidden controls" in found.notes[0]


def test_the_first_line_is_json_with_the_systems() -> None:
    first = json.loads(log_bytes([cast(1)]).splitlines()[0])
    assert first == {"format": "runoff-votes", "systems": SYSTEMS, "version": 1}
