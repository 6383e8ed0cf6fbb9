"""Boards: by labels from the start, by people once it can be estimated, never an invented number."""

import itertools
import time

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from core.domain.voting import Verdict, VoterKind
from core.measures.effectiveness import evaluate_ranking
from core.services.arena import BattleView


@pytest.fixture
def ready(app: App, small: Collection) -> App:
    app.preparation.ensure("small")
    while app.preparation.preparing("small"):
        time.sleep(0.01)
    return app


def vote_all(app: App, voter: str, rounds: int, better: str) -> None:
    """``voter`` prefers ``better`` wherever it is shown, and says equal otherwise."""
    names = app.systems.names()
    for _ in range(rounds):
        view = app.arena.next_battle(voter, "small")
        if not isinstance(view, BattleView):
            return
        app.arena.shown(view.id, voter)
        time.sleep(0.012)
        battle = app.store.battle(view.id)
        sides = {names[battle.left]: Verdict.LEFT, names[battle.right]: Verdict.RIGHT}
        app.arena.vote(view.id, voter, sides.get(better, Verdict.EQUAL))


def test_the_board_by_labels_is_full_from_the_start(ready: App) -> None:
    board = ready.leaderboard.board("small", VoterKind.LABELS)
    specs = {spec for entry in board.entries for spec in entry.systems}
    assert specs == {system.spec for system in ready.systems.lineup()}
    assert all(entry.queries == 5 for entry in board.entries)
    lists = ready.candidates.known("small")
    for entry in board.entries:
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


def test_without_votes_there_are_no_ratings(ready: App) -> None:
    board = ready.leaderboard.board("small")
    assert not board.identifiable
    assert board.summary == "There are no votes yet."
    assert all(entry.rating is None and entry.votes == 0 for entry in board.entries)
    assert len(board.entries) == 5  # the baseline is in no battle
    pairs = set(itertools.combinations(range(5), 2))
    assert {tuple(sorted((m.first, m.second))) for m in board.missing} == pairs


def test_one_vote_is_not_enough(ready: App) -> None:
    vote_all(ready, "ann", 1, "bm25")
    board = ready.leaderboard.board("small")
    assert not board.identifiable
    assert board.summary == "1 vote so far: not enough to rate the systems."
    assert "not identifiable" in board.explanation
    assert sum(pair.wins + pair.ties + pair.losses for pair in board.pairs) == 1


def test_names_and_not_fingerprints_are_shown(ready: App) -> None:
    vote_all(ready, "ann", 3, "bm25")
    board = ready.leaderboard.board("small")
    text = repr(board)
    assert not any(fingerprint in text for fingerprint in ready.systems.names())


def test_an_unbeaten_system_is_said_to_be_unbeaten(ready: App) -> None:
    vote_all(ready, "ann", 40, "maxsim")
    board = ready.leaderboard.board("small")
    assert not board.identifiable
    assert "maxsim: unbeaten" in board.explanation


def test_ratings_once_everybody_has_lost_and_won(ready: App) -> None:
    vote_all(ready, "ann", 40, "maxsim")
    vote_all(ready, "bob", 40, "bm25")
    vote_all(ready, "cid", 40, "query-likelihood")
    board = ready.leaderboard.board("small")
    assert board.identifiable
    ratings = {entry.systems[0]: entry for entry in board.entries if entry.votes}
    assert ratings["maxsim"].rating is not None
    assert ratings["bi-encoder"].rating is not None
    assert ratings["maxsim"].rating > ratings["bi-encoder"].rating
    assert all(e.low < e.rating < e.high for e in ratings.values() if e.low is not None and e.rating and e.high)
    assert board.voters == 3
    assert "for these voters" in board.explanation
    assert board.summary


def test_a_new_vote_changes_the_board(ready: App) -> None:
    before = ready.leaderboard.board("small")
    assert ready.leaderboard.board("small") is before
    vote_all(ready, "ann", 1, "bm25")
    assert ready.leaderboard.board("small").votes == before.votes + 1


def test_a_category_counts_only_its_queries(ready: App) -> None:
    vote_all(ready, "ann", 12, "bm25")
    whole = ready.leaderboard.board("small").votes
    parts = [ready.leaderboard.board("small", category=c).votes for c in ready.leaderboard.categories("small")]
    assert sum(parts) == whole
    with pytest.raises(InvalidInputError, match="category 'none'"):
        ready.leaderboard.board("small", category="none")


def test_a_system_that_has_not_ranked_everything_is_not_measured(ready: App) -> None:
    lists = ready.candidates.known("small")
    extra = ready.systems.resolve("query-likelihood")
    with ready.store.database.write("test") as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql(
            "DELETE FROM rankings WHERE system = ? AND candidates != ?", (extra.fingerprint, lists["q0"])
        )
    board = ready.leaderboard.board("small", VoterKind.LABELS)
    entry = next(entry for entry in board.entries if entry.systems == ("query-likelihood",))
    assert (entry.rating, entry.ndcg, entry.votes) == (None, None, 0)
    assert "query-likelihood (1 of 6 queries ranked)" in board.explanation
    assert board.identifiable
