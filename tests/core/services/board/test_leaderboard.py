"""Boards: by labels from the start, by people once it can be estimated, never an invented number."""

from __future__ import annotations

import itertools
import time

import pytest

from core.bootstrap import App
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.voting import Verdict, VoterKind
from core.measures.effectiveness import evaluate_ranking
from core.ratings.board import Method
from core.services.board.boards import BoardRequest
from core.services.board.leaderboard import LeaderboardService
from core.services.votes.vote_columns import VoteColumns
from tests.support.board_votes import CLOSED, ROUND, START, SYSTEMS, Poll, board


def test_the_board_by_labels_is_full_from_the_start(ready: App) -> None:
    made = board(ready, kind=VoterKind.LABELS)
    specs = {spec for entry in made.entries for spec in entry.systems}
    assert specs == {system.spec for system in ready.systems.lineup()}
    assert all(entry.queries == 5 for entry in made.entries)
    lists = ready.candidates.known("small")
    for entry in made.entries:
        system = ready.systems.resolve(entry.systems[0])
        expected = [
            evaluate_ranking(
                ready.store.rankings([lists[q]], [system.fingerprint])[0].order,
                ready.collections.reader("small").judgments(q),
                ("nDCG@10",),
            )["nDCG@10"]
            for q in ("q0", "q1", "q2", "q3", "q4")
        ]
        assert entry.ndcg == pytest.approx(sum(expected) / 5)


def test_the_margin_of_a_tie_by_labels_is_stated(ready: App) -> None:
    assert "0.01 or less apart is a tie" in board(ready, kind=VoterKind.LABELS).explanation


def test_labels_have_no_voters_and_no_times(ready: App) -> None:
    with pytest.raises(InvalidInputError, match="leave out group, as_of"):
        board(ready, kind=VoterKind.LABELS, group="experts", as_of=START)


def test_without_votes_there_are_no_ratings(ready: App) -> None:
    made = board(ready)
    assert not made.identifiable
    assert made.summary == "There are no votes yet."
    assert all(entry.rating is None and entry.votes == 0 for entry in made.entries)
    assert len(made.entries) == 5  # the baseline is in no battle
    pairs = set(itertools.combinations(range(5), 2))
    assert {tuple(sorted((m.first, m.second))) for m in made.missing} == pairs
    assert (made.settle.sentence, made.heaviest, made.side) == ("", 0.0, None)


def test_one_vote_is_not_enough(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", ["bm25 < maxsim"], names)
    made = board(ready)
    assert not made.identifiable
    assert made.summary == "1 vote so far: not enough to rate the systems."
    assert "not identifiable" in made.explanation
    assert [(pair.wins, pair.ties, pair.losses) for pair in made.pairs] == [(1, 0, 0)]


def test_names_and_not_fingerprints_are_shown(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", ROUND, names)
    text = repr(board(ready))
    assert not any(fingerprint in text for fingerprint in ready.systems.names())


def test_ties_only_put_nobody_ahead(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", ["bm25 = maxsim"] * 10, names)
    made = board(ready)
    assert made.summary == "10 votes so far, ties only: nobody is ahead."
    assert all(entry.rating is None for entry in made.entries)


def test_an_unbeaten_system_is_said_to_be_unbeaten(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", ["maxsim < bm25", "maxsim < bi-encoder", "bm25 < bi-encoder", "bi-encoder < bm25"] * 3, names)
    made = board(ready)
    assert not made.identifiable
    assert "maxsim: unbeaten" in made.explanation
    first = made.entries[0]
    assert (first.systems, first.rating, first.component) == (("maxsim",), None, 0)
    rated = [entry for entry in made.entries if entry.rating is not None]
    assert {entry.systems[0] for entry in rated} == {"bm25", "bi-encoder"}
    assert made.summary == (
        "12 votes so far: no common scale for all systems yet. bm25 and bi-encoder cannot be told apart."
    )


def test_two_groups_that_never_met_have_a_scale_each(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.votes("ann", ["bm25 < maxsim", "maxsim < bm25", "bm25 < maxsim"], names)
    poll.votes("bob", ["rrf < bi-encoder", "bi-encoder < rrf"], names)
    made = board(ready)
    assert not made.identifiable
    assert {part.rateable for part in made.parts} == {True}
    assert len(made.parts) == 2
    for part in made.parts:
        inside = [made.entries[i] for i in part.entries]
        assert sum(entry.rating or 0.0 for entry in inside) == pytest.approx(1000.0 * len(inside))
        assert all(entry.first_rank is None for entry in inside)
    assert "never met the others" in made.explanation
    assert made.chances == ()


def test_ratings_once_everybody_has_lost_and_won(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.at_random(("ann", "bob", "cid"), [names[name] for name in SYSTEMS], 28)
    made = board(ready)
    assert made.identifiable
    for entry in made.entries:
        assert entry.rating is not None
        assert entry.low is not None
        assert entry.high is not None
        assert entry.low < entry.rating < entry.high
        assert 1 <= (entry.first_rank or 0) <= (entry.last_rank or 0) <= 5
    assert made.voters == 3
    assert made.votes == made.comparisons == 84
    assert "for these voters" in made.explanation
    assert made.heaviest == pytest.approx(1 / 3)
    for chance in made.chances:
        better, worse = made.entries[chance.first], made.entries[chance.second]
        assert chance.probability == pytest.approx(1 / (1 + 10 ** ((worse.rating - better.rating) / 400)))
        assert chance.low <= chance.probability <= chance.high
        assert chance.better >= 0.5
        direct = ready.leaderboard.direct(made, chance)
        counts = [p for p in made.pairs if (p.first, p.second) == (chance.first, chance.second)]
        assert (direct is None) == (not counts)
        if direct is not None:
            (own,) = counts
            assert direct.battles == own.wins + own.ties + own.losses
            assert direct.share == pytest.approx((own.wins + own.ties / 2) / direct.battles)
            assert direct.low <= direct.share <= direct.high


def test_a_new_vote_changes_the_board_and_another_collections_vote_does_not(
    ready: App, poll: Poll, names: dict[str, str]
) -> None:
    before = board(ready)
    assert board(ready) is before
    Poll(ready.store, "votes:elsewhere", ("x",)).vote("zoe", "P", "Q", Verdict.LEFT)
    assert board(ready) is before
    poll.votes("ann", ["bm25 < maxsim"], names)
    assert board(ready).votes == before.votes + 1


@pytest.mark.parametrize("method", list(Method))
def test_every_method_says_what_it_estimates(ready: App, poll: Poll, names: dict[str, str], method: Method) -> None:
    for voter in ("ann", "bob"):
        poll.votes(voter, CLOSED * 2, names)
    made = board(ready, method=method)
    assert all(entry.rating is not None for entry in made.entries)
    assert made.estimand.lower() in made.explanation.lower()
    if method is Method.ELO:
        assert "depends on the order" in made.summary
        assert all(entry.low is None for entry in made.entries)
    if method is Method.WIN_RATE:
        assert all(0.0 <= entry.rating <= 1.0 for entry in made.entries if entry.rating is not None)


def test_covariates_show_their_effect(ready: App, poll: Poll, names: dict[str, str]) -> None:
    poll.at_random([f"v{i}" for i in range(12)], [names[name] for name in SYSTEMS], 20, left=0.8)
    alone = board(ready, covariates=("side",)).effects[0]
    # Among equal systems the left side takes 0.9 * 0.8 + 0.05 = 0.77 of the points: 400 log10(0.77 / 0.23).
    assert alone.low is not None
    assert alone.high is not None
    assert alone.low < 210.0 < alone.high
    assert alone.low > 100.0
    assert "standing on the left" in alone.sentence.lower()
    switched = ready.leaderboard.switched(BoardRequest(collection="small", covariates=("side",)))
    plain = {entry.name: entry.rating for entry in board(ready).entries if entry.rating is not None}
    assert {one.system: one.without for one in switched} == pytest.approx(plain)
    with pytest.raises(InvalidInputError, match="Unknown covariate 'mood'"):
        board(ready, covariates=("mood",))


def test_an_imported_log_has_a_board_under_the_names_of_the_file(ready: App) -> None:
    poll = Poll(ready.store, "votes:elsewhere", ("x", "y", "z"))
    plain = {name: name for name in "PQR"}
    poll.votes("zoe", ["P < Q", "Q < R", "R < P", "P < R"] * 3, plain)
    assert ready.leaderboard.sources() == ("votes:elsewhere",)
    made = ready.leaderboard.board(BoardRequest(collection="votes:elsewhere"))
    assert [entry.name for entry in made.entries] == ["P", "Q", "R"]
    assert made.identifiable
    with pytest.raises(UnknownNameError, match="imported log 'votes:nowhere'"):
        ready.leaderboard.board(BoardRequest(collection="votes:nowhere"))


def test_a_system_that_has_not_ranked_everything_is_not_measured(ready: App) -> None:
    lists = ready.candidates.known("small")
    extra = ready.systems.resolve("query-likelihood")
    with ready.store.database.write("test") as connection:  # type: ignore[attr-defined]  # SqlStore has it
        connection.exec_driver_sql(
            "DELETE FROM rankings WHERE system = ? AND candidates != ?", (extra.fingerprint, lists["q0"])
        )
    made = board(ready, kind=VoterKind.LABELS)
    entry = next(entry for entry in made.entries if entry.systems == ("query-likelihood",))
    assert (entry.rating, entry.ndcg, entry.votes) == (None, None, 0)
    assert "query-likelihood (1 of 6 queries ranked)" in made.explanation
    assert made.identifiable


def test_a_large_log_gives_its_last_board_at_once_and_counts_newer_votes_behind_it(
    ready: App, poll: Poll, names: dict[str, str]
) -> None:
    columns = VoteColumns(ready.store)
    service = LeaderboardService(
        ready.store, ready.collections, ready.candidates, ready.systems, columns, background=10
    )
    request = BoardRequest(collection="small")
    poll.at_random(("ann", "bob"), [names[name] for name in SYSTEMS], 10)
    first = service.board(request)
    assert (first.votes, first.newer) == (20, 0)
    poll.votes("cid", CLOSED, names)
    waiting = service.board(request)
    assert (waiting.votes, waiting.newer) == (20, 7)
    deadline = time.monotonic() + 10
    while (found := service.board(request)).newer:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert found.votes == 27
