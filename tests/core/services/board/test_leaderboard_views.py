"""What stands beside a board: who decides it, its history, agreement of kinds of voters, combined orders."""

from __future__ import annotations

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import UnknownNameError
from core.domain.voting import VoterKind
from core.services.board.boards import BoardRequest
from tests.support.board_votes import QUERIES, SYSTEMS, Poll, board


def test_robustness_of_three_voters_names_the_one_who_decides(ready: App, poll: Poll, names: dict[str, str]) -> None:
    both = ("bm25 < maxsim", "maxsim < bm25")
    poll.votes("ann", ["maxsim < bm25", *both * 3], names)
    poll.votes("bob", ["maxsim < bm25", *both * 3], names)
    poll.votes("zed-the-heavy-voter", ["bm25 < maxsim"] * 9, names)
    found = ready.leaderboard.robustness(BoardRequest(collection="small"))
    assert found.no_cap == "No capped board from 3 voters: at least 5 are needed."
    assert found.cap is None
    assert "One voter can decide this" in found.deciding
    assert "zed-the-" in found.deciding
    heavy = next(one for one in found.voters if one.voter == "zed-the-heavy-voter")
    assert (heavy.votes, heavy.leader) == (9, "maxsim")
    assert heavy.share == pytest.approx(9 / 23)
    # 15 of 23 for bm25: it takes 8 votes fewer to be level.
    assert found.fewest is not None
    assert found.fewest <= 7
    for beside in found.systems:
        assert beside.capped is None
        assert beside.without_low is not None
        assert beside.raw is not None
        assert beside.without_low <= beside.raw


def test_raw_stands_beside_capped_from_five_voters_on(ready: App, poll: Poll, names: dict[str, str]) -> None:
    specs = [names[name] for name in SYSTEMS[:3]]
    poll.at_random([f"v{i}" for i in range(20)], specs, 12)
    poll.votes("heavy", ["bi-encoder < bm25", "bi-encoder < maxsim"] * 60, names)
    found = ready.leaderboard.robustness(BoardRequest(collection="small"))
    assert found.cap == pytest.approx(1.5 / 21)
    assert found.capped_voters >= 1
    ratings = {one.system: one for one in found.systems}
    assert ratings["bi-encoder"].capped is not None
    assert ratings["bi-encoder"].raw is not None
    assert ratings["bi-encoder"].capped < ratings["bi-encoder"].raw
    capped = {entry.name: entry.rating for entry in board(ready, capped=True).entries if entry.rating is not None}
    assert capped["bi-encoder"] == pytest.approx(ratings["bi-encoder"].capped)


def test_the_history_ends_with_the_board(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.at_random([f"v{i}" for i in range(6)], [names[name] for name in SYSTEMS], 20)
    found = ready.leaderboard.history(BoardRequest(collection="small"))
    assert {len(line.points) for line in found.lines} == {20}
    last = {line.system: line.points[-1].rating for line in found.lines}
    now = {entry.name: entry.rating for entry in board(ready).entries}
    assert last == pytest.approx(now)
    halfway = found.lines[0].points[9]
    then = board(ready, as_of=halfway.at)
    assert halfway.votes == then.votes
    assert halfway.rating == pytest.approx(
        next(entry.rating for entry in then.entries if entry.name == found.lines[0].system)
    )
    assert "first" in found.sentence


def test_agreement_of_people_and_judges(ready: App, small: Collection, names: dict[str, str]) -> None:
    a, b = names["bm25"], names["maxsim"]
    people = Poll(ready.store, small.fingerprint, QUERIES)
    people.votes("ann", ["bm25 < maxsim"] * 4 + ["maxsim < bm25"] * 2, names)
    judges = Poll(ready.store, small.fingerprint, QUERIES, kind=VoterKind.JUDGE)
    judges.votes("judge", ["bm25 < maxsim"] * 3 + ["maxsim < bm25"] * 3, names)
    found = ready.leaderboard.agreement(BoardRequest(collection="small"))
    both = next(
        row for row in found.rows if (row.first, row.second, row.category) == (VoterKind.PERSON, VoterKind.JUDGE, "")
    )
    assert both.battles == 6
    assert both.raw == pytest.approx(5 / 6)
    assert both.kappa == pytest.approx((5 / 6 - 1 / 2) / (1 - 1 / 2))
    apart = [one for one in found.disagreements if {kind for kind, _ in one.verdicts} == {"person", "judge"}]
    assert [one.query for one in apart] == ["q3"]
    assert apart[0].verdicts == ((VoterKind.PERSON, "bm25"), (VoterKind.JUDGE, "maxsim"))
    assert "83% of the 6 battles" in found.sentence
    assert a != b


def test_orders_are_combined_over_the_systems_that_all_of_them_hold(
    ready: App, poll: Poll, names: dict[str, str]
) -> None:
    poll.at_random([f"v{i}" for i in range(6)], [names[name] for name in SYSTEMS], 20)
    request = BoardRequest(collection="small")
    offered = {one.key: one.title for one in ready.leaderboard.combinable(request)}
    assert offered["kind:person"] == "Rating by people"
    assert "nDCG@10" in offered
    found = ready.leaderboard.combination(request, ["kind:person", "kind:labels", "nDCG@10"])
    assert set(found.kemeny) == {entry.name for entry in board(ready).entries}
    assert found.left_out == ("Not in every order and so left out: first-stage.",)
    assert found.optimal
    assert sum(score for _, score in found.borda) == pytest.approx(len(found.kemeny) / 2)
    alone = ready.leaderboard.combination(request, ["kind:person"])
    assert alone.kemeny == ()
    with pytest.raises(UnknownNameError, match="order to combine"):
        ready.leaderboard.combination(request, ["kind:nobody"])
