"""Votes put into a store the way the arena does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from core.domain.ports import Store
from core.domain.voting import Ballot, Battle, BattleForm, BattleState, Control, Verdict, Voter, VoterKind
from tests.support.stored import NOON


def cast(
    store: Store,
    battle: str,
    voter: str,
    left: str,
    right: str,
    verdict: Verdict,
    *,
    query: str = "q1",
    collection: str = "col",
    at: datetime = NOON,
    seconds: float = 8.0,
    control: Control = Control.NONE,
    repeats: str = "",
    further: tuple[str, ...] = (),
    order: tuple[tuple[int, ...], ...] = (),
    kind: VoterKind = VoterKind.PERSON,
    group: str = "",
) -> None:
    """Issue, show and vote; ``seconds`` between showing and voting."""
    if store.voter(voter) is None:
        store.save_voter(Voter(id=voter, kind=kind, group=group))
    store.add_battle(
        Battle(
            id=battle,
            voter=voter,
            candidates=f"list-{query}",
            collection=collection,
            query_id=query,
            category="keyword",
            left=left,
            right=right,
            further=further,
            form=BattleForm.BEST_TO_WORST if further else BattleForm.SIDE_BY_SIDE,
            state=BattleState.ISSUED,
            issued_at=at - timedelta(seconds=seconds),
            control=control,
            repeats=repeats,
            depth=20,
            voter_group=group,
        )
    )
    store.show_battle(battle, voter, at - timedelta(seconds=seconds))
    store.cast_vote(battle, voter, kind, Ballot(verdict=verdict, order=order), at)


def crowd(
    store: Store,
    *,
    voters: int,
    votes: int,
    systems: Sequence[str] = ("A", "B", "C", "D"),
    seed: int = 0,
    collection: str = "col",
) -> None:
    """Honest voters: ``votes`` each, systems half a logit apart in their order (A the best), both sides alike."""
    rng = np.random.default_rng(seed)
    for voter in range(voters):
        for number in range(votes):
            left, right = (int(i) for i in rng.choice(len(systems), 2, replace=False))
            wins = rng.random() < 1.0 / (1.0 + np.exp(-0.8 * (right - left)))
            cast(
                store,
                f"{collection}-{voter}-{number}",
                f"voter{voter:02d}",
                systems[left],
                systems[right],
                Verdict.LEFT if wins else Verdict.RIGHT,
                query=f"q{int(rng.integers(12))}",
                collection=collection,
                at=NOON + timedelta(minutes=voter * votes + number),
                seconds=float(rng.uniform(5, 20)),
            )
