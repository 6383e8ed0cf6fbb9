"""What acts make of votes: by hand, and the columns against the single states over random logs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.domain.comparisons import Comparisons
from core.domain.decisions import Decisions, VoteState
from core.domain.errors import InvalidInputError
from core.domain.vote_log import Act, ActKind, Decision
from core.domain.voting import SHARES, Verdict

START = datetime(2026, 3, 1, tzinfo=UTC)
VERDICTS = tuple(SHARES)


def about_vote(number: int, kind: ActKind, vote: int, verdict: Verdict | None = None) -> Decision:
    at = START + timedelta(minutes=number)
    act = Act(kind=kind, actor="op", reason="", at=at, battle=f"b{vote}", verdict=verdict)
    return Decision(number=number, act=act, vote=vote)


def about_voter(number: int, kind: ActKind, voter: str) -> Decision:
    act = Act(kind=kind, actor="op", reason="", at=START + timedelta(minutes=number), voter=voter)
    return Decision(number=number, act=act)


def columns(votes: list[int], voters: list[int], shares: list[float] | None = None, names: int = 3) -> Comparisons:
    """Rows of A against B."""
    n = len(votes)
    zeros = np.zeros(n, dtype=np.int64)
    return Comparisons(
        systems=("A", "B"),
        voters=tuple(f"v{index}" for index in range(names)),
        queries=("q",),
        groups=("",),
        left=zeros,
        right=zeros + 1,
        share=np.array(shares if shares is not None else [1.0] * n),
        both_bad=np.zeros(n, dtype=bool),
        voter=np.array(voters, dtype=np.int64),
        query=zeros,
        group=zeros,
        vote=np.array(votes, dtype=np.int64),
        at=zeros,
        depth=zeros,
        slot=zeros + 1,
        seconds=np.full(n, np.nan),
    )


def test_last_word_on_vote_or_voter_counts_and_undo_is_final() -> None:
    decisions = Decisions(
        [
            about_vote(10, ActKind.EXCLUDE, 1),
            about_voter(11, ActKind.QUARANTINE, "ann"),
            about_vote(12, ActKind.READMIT, 2),
            about_vote(13, ActKind.UNDO, 3),
            about_vote(14, ActKind.READMIT, 3),
            about_vote(15, ActKind.CORRECT, 4, Verdict.LEFT),
            about_vote(16, ActKind.CORRECT, 4, Verdict.BOTH_BAD),
        ]
    )
    assert decisions.state(1, "ann") == VoteState(excluded=True)  # excluded by itself: only its own READMIT lifts that
    assert decisions.state(1, "bob") == VoteState(excluded=True)
    assert decisions.state(2, "ann") == VoteState()
    assert decisions.state(3, "ann") == VoteState(withdrawn=True)
    assert decisions.state(4, "bob") == VoteState(verdict=Verdict.BOTH_BAD)
    assert decisions.state(99, "ann") == VoteState(quarantined=True)  # a later vote of hers
    assert decisions.state(99, "bob").counted


def test_vote_excluded_by_itself_survives_what_becomes_of_its_voter() -> None:
    acts = [
        about_vote(1, ActKind.EXCLUDE, 1),
        about_voter(2, ActKind.QUARANTINE, "ann"),
        about_voter(3, ActKind.READMIT, "ann"),
    ]
    assert Decisions(acts).state(1, "ann") == VoteState(excluded=True)
    assert Decisions(acts).state(2, "ann").counted
    assert Decisions([*acts, about_vote(4, ActKind.READMIT, 1)]).state(1, "ann").counted


def test_numbers_tell_which_came_last_not_the_order_given() -> None:
    acts = [about_vote(5, ActKind.READMIT, 1), about_vote(3, ActKind.EXCLUDE, 1)]
    assert Decisions(acts).state(1, "ann") == Decisions(acts[::-1]).state(1, "ann") == VoteState()


def test_until_forgets_what_came_later() -> None:
    decisions = Decisions([about_vote(1, ActKind.EXCLUDE, 1), about_vote(2, ActKind.READMIT, 1)])
    assert decisions.until(START).state(1, "a") == VoteState()
    assert decisions.until(START + timedelta(minutes=1)).state(1, "a") == VoteState(excluded=True)
    assert decisions.until(START + timedelta(minutes=2)).state(1, "a") == VoteState()


def test_columns_lose_what_does_not_count_and_take_corrections() -> None:
    rows = columns([1, 2, 3, 3, 3, 4], [0, 0, 1, 1, 1, 2])
    decisions = Decisions(
        [
            about_vote(1, ActKind.CORRECT, 2, Verdict.BOTH_BAD),
            about_vote(2, ActKind.QUARANTINE, 3),
            about_voter(3, ActKind.EXCLUDE, "v2"),
        ]
    )
    kept = decisions.apply(rows)
    assert (kept.vote.tolist(), kept.share.tolist()) == ([1, 2], [1.0, 0.5])
    assert kept.both_bad.tolist() == [False, True]
    assert decisions.apply(rows, count_quarantined=True).vote.tolist() == [1, 2, 3, 3, 3]
    assert rows.share.tolist() == [1.0] * 6


def test_nothing_said_nothing_copied() -> None:
    rows = columns([1], [0])
    assert Decisions([]).apply(rows) is rows
    assert Decisions([about_vote(1, ActKind.UNDO, 7)]).apply(rows) is rows


def test_vote_over_several_systems_has_no_corrected_verdict() -> None:
    with pytest.raises(InvalidInputError, match="several systems"):
        Decisions([about_vote(1, ActKind.CORRECT, 1, Verdict.LEFT)]).apply(columns([1, 1, 1], [0, 0, 0]))


def random_act(rng: np.random.Generator, number: int) -> Decision:
    kind = list(ActKind)[rng.integers(5)]
    if kind is ActKind.CORRECT:
        return about_vote(number, kind, int(rng.integers(1, 40)), VERDICTS[rng.integers(4)])
    if kind is ActKind.UNDO or rng.random() < 0.6:
        return about_vote(number, kind, int(rng.integers(1, 40)))
    return about_voter(number, kind, f"v{rng.integers(6)}")


@pytest.mark.parametrize("seed", range(60))
def test_columns_agree_with_the_state_of_each_vote(seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = sorted(rng.choice(np.arange(1, 40), size=25, replace=False).tolist())
    rows = columns(votes, rng.integers(6, size=25).tolist(), rng.choice([0.0, 0.5, 1.0], size=25).tolist(), names=6)
    decisions = Decisions(random_act(rng, number) for number in range(1, int(rng.integers(1, 60))))
    for pooled in (False, True):
        expected = []
        for vote, voter, share in zip(rows.vote.tolist(), rows.voter.tolist(), rows.share.tolist(), strict=True):
            state = decisions.state(vote, f"v{voter}")
            if not (state.withdrawn or state.excluded or (state.quarantined and not pooled)):
                corrected = share if state.verdict is None else SHARES[state.verdict]
                expected.append((vote, corrected, state.verdict is Verdict.BOTH_BAD))
        kept = decisions.apply(rows, count_quarantined=pooled)
        assert list(zip(kept.vote.tolist(), kept.share.tolist(), kept.both_bad.tolist(), strict=True)) == expected


def test_a_million_rows_and_a_hundred_acts_take_a_moment() -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    rows = columns([], [], [], names=20_000)
    rows = type(rows)(
        **{name: getattr(rows, name) for name in ("systems", "voters", "queries", "groups")},
        **dict.fromkeys(("left", "right", "query", "group", "at", "depth", "slot"), np.zeros(n, dtype=np.int64)),
        share=np.ones(n),
        seconds=np.ones(n),
        both_bad=np.zeros(n, dtype=bool),
        voter=rng.integers(20_000, size=n),
        vote=np.arange(1, n + 1),
    )
    acts = [about_vote(number, ActKind.EXCLUDE, 1000 * number) for number in range(1, 51)]
    acts += [about_voter(number, ActKind.EXCLUDE, f"v{number}") for number in range(51, 101)]
    began = time.perf_counter()
    kept = Decisions(acts).apply(rows)
    assert time.perf_counter() - began < 1.0  # 0.05 s on an idle machine
    gone = np.isin(rows.voter, np.arange(51, 101)) | np.isin(rows.vote, 1000 * np.arange(1, 51))
    assert len(kept) == n - gone.sum()
