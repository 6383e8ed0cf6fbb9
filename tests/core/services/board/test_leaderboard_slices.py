"""Which votes a board counts: of a category, a group, a time, a depth; and what was decided about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from core.domain.vote_log import Act, ActKind
from core.domain.voting import Verdict, VoterKind
from core.services.board.boards import BoardRequest
from tests.support.board_votes import CLOSED, QUERIES, START, Poll, board


def test_a_category_counts_only_its_queries(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", CLOSED, names)
    parts = [board(ready, category=category).votes for category in ready.leaderboard.categories("small")]
    assert sum(parts) == board(ready).votes == 7
    with pytest.raises(InvalidInputError, match="category 'none'"):
        board(ready, category="none")


def test_groups_times_and_depths_cut_the_log(ready: App, poll: Poll, small: Collection, names: dict[str, str]) -> None:
    poll.votes("ann", CLOSED, names, group="experts")
    poll.votes("bob", CLOSED[:3], names)
    deeper = Poll(ready.store, small.fingerprint, QUERIES, depth=50)
    deeper.votes("cid", CLOSED[:2], names)
    assert board(ready).votes == 12
    assert board(ready, group="experts").votes == 7
    assert board(ready, depth=50).votes == 2
    assert board(ready, since=START + timedelta(minutes=7), depth=12).votes == 3
    assert board(ready, until=START + timedelta(minutes=2), depth=12).votes == 2
    choices = ready.leaderboard.choices("small", VoterKind.PERSON)
    assert (choices.groups, choices.depths) == (("experts",), (12, 50))
    assert choices.counts == {VoterKind.PERSON: 12}
    narrow = board(ready, group="experts", depth=50)
    assert narrow.too_few == (
        "Too few votes in this slice to rate the systems (no votes). Widen the voter group or the list depth."
    )


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="without a time zone"):
        BoardRequest(collection="small", as_of=datetime(2026, 3, 1))


def test_the_board_as_of_an_earlier_time_knows_neither_later_votes_nor_later_decisions(
    ready: App, poll: Poll, names: dict[str, str]
) -> None:
    poll.votes("ann", CLOSED, names)
    early = board(ready)
    moment = datetime.now(UTC)
    poll.votes("bob", CLOSED, names)
    now = datetime.now(UTC)
    ready.store.record_acts([Act(kind=ActKind.EXCLUDE, actor="op", reason="a test", at=now, voter="ann")])
    assert board(ready).voters == 1
    past = board(ready, as_of=START + timedelta(minutes=6))
    assert past.votes == 7
    assert past.entries == early.entries
    assert moment < now


def test_a_board_whose_votes_all_wait_says_so(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("eve", CLOSED[:4], names)
    ready.store.record_acts(
        [Act(kind=ActKind.QUARANTINE, actor="detector", reason="always left", at=datetime.now(UTC), voter="eve")]
    )
    assert board(ready).summary == "No vote counts yet: 4 votes wait for a person's decision."


def test_quarantined_votes_are_counted_only_on_request(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", CLOSED, names)
    poll.votes("eve", CLOSED[:4], names)
    ready.store.record_acts(
        [Act(kind=ActKind.QUARANTINE, actor="detector", reason="always left", at=datetime.now(UTC), voter="eve")]
    )
    assert board(ready).settle.sentence.startswith("Too few votes to tell how many more")
    without, with_them = board(ready), board(ready, count_quarantined=True)
    assert (without.votes, with_them.votes) == (7, 11)
    assert (without.quarantine.votes, without.quarantine.voters, without.quarantine.counted) == (4, 1, False)
    assert with_them.quarantine.counted


def test_a_corrected_vote_counts_as_corrected(ready: App, poll: Poll, names: dict[str, str]) -> None:
    vote = poll.vote("ann", names["bm25"], names["maxsim"], Verdict.LEFT)
    correct = Act(
        kind=ActKind.CORRECT,
        actor="op",
        reason="misread",
        at=datetime.now(UTC),
        battle=vote.battle,
        verdict=Verdict.RIGHT,
    )
    ready.store.record_acts([correct])
    wins = {entry.systems[0]: entry.wins for entry in board(ready).entries}
    assert (wins["bm25"], wins["maxsim"]) == (0, 1)
