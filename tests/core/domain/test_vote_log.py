"""The hash chain: one changed byte, an entry left out or moved, and it breaks at that place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from core.domain.errors import InvalidInputError
from core.domain.vote_log import GENESIS, Act, ActKind, LogEntry, body, chained, first_broken
from core.domain.voting import Mark, Reason, Verdict, Vote
from tests.support.stored import NOON, make_vote


def log_of(*entries: Vote | Act) -> list[LogEntry]:
    found, previous = [], GENESIS
    for number, entry in enumerate(entries, start=1):
        previous = chained(previous, entry)
        found.append(LogEntry(number=number, entry=entry, hash=previous))
    return found


def some_log() -> list[LogEntry]:
    votes = [make_vote("A", "B", Verdict.LEFT, id=id) for id in range(1, 5)]
    act = Act(kind=ActKind.EXCLUDE, actor="op", reason="rude", at=NOON, voter="ann")
    return log_of(votes[0], votes[1], act, votes[2], votes[3])


def test_hash_is_what_the_docstring_says() -> None:
    act = Act(kind=ActKind.CORRECT, actor="op", reason="é", at=NOON, battle="b1", verdict=Verdict.EQUAL)
    text = {
        "actor": "op",
        "at": "2026-03-01T12:00:00.123456+00:00",
        "battle": "b1",
        "entry": "correct",
        "reason": "é",
        "verdict": "equal",
    }
    spelled = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert chained(GENESIS, act) == hashlib.sha256(("0" * 64 + "\n" + spelled).encode()).hexdigest()


def test_whole_log_is_whole_and_so_is_its_beginning() -> None:
    assert first_broken([]) is None
    assert first_broken(some_log()) is None
    assert first_broken(some_log()[:3]) is None


@pytest.mark.parametrize("place", range(5))
def test_entry_left_out_breaks_at_its_place(place: int) -> None:
    log = some_log()
    del log[place]
    assert first_broken(log) == (None if place == 4 else place + 1)


def test_entries_exchanged_break() -> None:
    log = some_log()
    log[1], log[3] = replace(log[3], number=2), replace(log[1], number=4)
    assert first_broken(log) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"battle": "battle-9"},
        {"voter": "bob"},
        {"voter_group": "staff"},
        {"collection": "col2"},
        {"candidates": "list-q2"},
        {"query_id": "q2"},
        {"category": "other"},
        {"depth": 20},
        {"left": "C"},
        {"right": "C"},
        {"further": ("C",)},
        {"verdict": Verdict.EQUAL},
        {"order": ((0,), (1,))},
        {"marks": (Mark(document="d1", useful=True),)},
        {"reasons": (Reason.TOP,)},
        {"probability": 0.5},
        {"repeats": "battle-1"},
        {"seed": 1},
        {"issued_at": NOON},
        {"shown_at": NOON},
        {"cast_at": NOON + timedelta(microseconds=1)},
    ],
)
def test_every_word_of_a_vote_is_in_its_hash(change: dict[str, object]) -> None:
    log = some_log()
    entry = log[1].entry
    assert isinstance(entry, Vote)
    log[1] = replace(log[1], entry=replace(entry, **change))
    assert first_broken(log) == 2


def test_what_became_of_a_vote_and_its_row_number_are_not_in_its_hash() -> None:
    vote = make_vote("A", "B", Verdict.LEFT)
    later = replace(
        vote, id=7, withdrawn=True, excluded=True, quarantined=True, verdict=Verdict.EQUAL, cast_verdict=Verdict.LEFT
    )
    assert body(later) == body(vote)


def test_time_zone_of_the_writer_does_not_matter() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    acts = [Act(kind=ActKind.UNDO, actor="a", reason="", at=at, battle="b") for at in (NOON, elsewhere)]
    assert chained(GENESIS, acts[0]) == chained(GENESIS, acts[1])


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (ActKind.EXCLUDE, {}, "name a battle or a voter"),
        (ActKind.EXCLUDE, {"battle": "b", "voter": "v"}, "one of the two"),
        (ActKind.UNDO, {"voter": "v"}, "about one vote"),
        (ActKind.CORRECT, {"voter": "v", "verdict": Verdict.LEFT}, "about one vote"),
        (ActKind.CORRECT, {"battle": "b"}, "left, right, equal, both-bad"),
        (ActKind.CORRECT, {"battle": "b", "verdict": Verdict.ORDERED}, "left, right, equal, both-bad"),
        (ActKind.EXCLUDE, {"battle": "b", "verdict": Verdict.LEFT}, "others none"),
    ],
)
def test_act_that_says_nothing_clear_is_refused(kind: ActKind, fields: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Act(kind=kind, actor="op", reason="", at=datetime.now(NOON.tzinfo), **fields)
