"""Whatever bytes are read as votes: columns that hold together, or an ImportFormatError, and never anything else."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.datasets.votes.cast_row import CastRow
from core.datasets.votes.contents import cast_rows, read_votes, silent_meter
from core.datasets.votes.formats import VoteFormat
from core.datasets.votes.lmsys import write_lmsys
from core.datasets.votes.log_reader import read_log
from core.datasets.votes.notes import RowNotes
from core.datasets.votes.table import write_csv
from core.domain.canonical import canonical_json
from core.domain.errors import ImportFormatError
from core.domain.vote_log import body
from core.domain.voting import Verdict, VoterKind
from core.ratings.outcomes import from_comparisons
from tests.core.datasets.test_vote_log_file import rehashed
from tests.support.vote_files import every_kind, log_bytes

QUICK = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
THOROUGH = settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "b", "tie", "", "\ud800", "\0"])
)
VALUES = SCALARS | st.text(max_size=8) | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS)
BATTLES = st.fixed_dictionaries(
    {
        "model_a": st.sampled_from(["a", "b", "c"]) | VALUES,
        "model_b": st.sampled_from(["b", "c"]),
        "winner": st.sampled_from(["tie", "model_a", "model_b", "tie (bothbad)", "TIE"]),
    },
    optional=dict.fromkeys(("judge", "tstamp", "question_id", "prompt", "x"), VALUES),
).map(json.dumps)
ARRAYS = st.lists(BATTLES | st.text(max_size=3), max_size=4).map(lambda parts: f"[{','.join(parts)}]")
LINES = st.lists(BATTLES | st.text(max_size=3), max_size=4).map("\n".join)
CELLS = st.sampled_from(["a", "b", "left", "tie", "1", "", " ", '"', '"x"', "\ufeff", "\x00", "'=", "2026-01-01"])
TABLES = st.tuples(
    st.sampled_from(
        ["left,right,winner\n", "\ufeffleft;right;winner;time\r\n", "left\tright\twinner\tkind\tvoter\n", ""]
    ),
    st.sampled_from([",", ";", "\t"]).flatmap(
        lambda mark: st.lists(st.lists(CELLS | st.text(max_size=4), min_size=2, max_size=5).map(mark.join), max_size=5)
    ),
).map(lambda parts: parts[0] + "\n".join(parts[1]))
FIELDS = st.sampled_from(sorted({key for entry in every_kind() for key in body(entry)} | {"x"}))


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """A log with one field of one entry replaced and the chain made to fit, or with bytes replaced and not."""
    lines = [dict(body(entry)) for entry in every_kind()]
    if draw(st.booleans()):
        lines[draw(st.integers(0, len(lines) - 1))][draw(FIELDS)] = draw(VALUES.filter(is_json))  # type: ignore[assignment]  # any
        return rehashed(lines)  # type: ignore[arg-type]  # broken on purpose
    written = bytearray(log_bytes(every_kind()))
    at = draw(st.integers(0, len(written) - 1))
    written[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(written)


def is_json(value: object) -> bool:
    try:
        canonical_json(value).encode()  # type: ignore[arg-type]  # whether it is JSON is the question
    except ValueError:
        return False
    return True


FILES = st.one_of(
    st.tuples(st.just("votes.json"), (ARRAYS | LINES).map(lambda text: text.encode("utf-8", "surrogatepass"))),
    st.tuples(st.just("votes.csv"), TABLES.map(lambda text: text.encode("utf-8", "surrogatepass"))),
    st.tuples(st.just("votes.jsonl"), logs()),
    st.tuples(st.sampled_from(["votes.json", "votes.csv", "votes.jsonl", "votes"]), st.binary(max_size=60)),
)


def check(file: tuple[str, bytes]) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        path.write_bytes(content)
        try:
            found = read_votes(path)
        except ImportFormatError:
            return
    if found.format is VoteFormat.RUNOFF:
        again = read_log(BytesIO(content))
        assert found.log is not None
        assert (len(again.entries), again.head) == (found.log.entries, found.log.head)
    for rows in found.boards.values():
        outcomes = from_comparisons(found.decisions.apply(rows))
        assert set(outcomes.share.tolist()) <= {0.0, 0.5, 1.0}
        assert not (outcomes.left == outcomes.right).any()


@QUICK
@given(FILES)
def test_any_bytes(file: tuple[str, bytes]) -> None:
    check(file)


@pytest.mark.slow
@THOROUGH
@given(FILES)
def test_any_bytes_thoroughly(file: tuple[str, bytes]) -> None:
    check(file)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=6)
FILLED = NAMES.filter(lambda text: bool(text.strip()))
MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1970 < at.year < 2100)
HELD = st.fixed_dictionaries(
    {
        "left": FILLED.map(lambda text: f"L{text}") | st.just("=L"),
        "right": FILLED.map(lambda text: f"R{text}") | st.just("'-R"),
        "verdict": st.sampled_from([Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL, Verdict.BOTH_BAD]),
        "voter": st.just("") | FILLED,
        "query": st.just("") | FILLED,
        "at": st.none() | MOMENTS,
    }
)
TABLE_ONLY = st.fixed_dictionaries(
    {
        "category": st.just("") | NAMES,
        "group": st.just("") | NAMES,
        "kind": st.sampled_from([None, *list(VoterKind)[:2]]),
    }
)


def back(content: bytes, format: VoteFormat) -> list[CastRow]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "votes"
        path.write_bytes(content)
        return list(cast_rows(path, path.name, format, "", silent_meter(), RowNotes()))


@QUICK
@given(st.lists(st.tuples(HELD, TABLE_ONLY), max_size=4))
def test_what_a_format_holds_comes_back(given_rows: list[tuple[dict[str, object], dict[str, object]]]) -> None:
    battles = [CastRow(number=number, **held) for number, (held, _) in enumerate(given_rows, start=1)]  # type: ignore[arg-type]  # fields by name
    stream = BytesIO()
    write_lmsys(stream, battles)
    assert back(stream.getvalue(), VoteFormat.LMSYS) == battles
    table = [
        CastRow(number=number, **held, **more)  # type: ignore[arg-type]  # fields by name
        for number, (held, more) in enumerate(given_rows, start=1)
    ]
    stream = BytesIO()
    write_csv(stream, table)
    assert back(stream.getvalue(), VoteFormat.CSV) == table
