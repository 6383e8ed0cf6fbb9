"""A store filled with votes of every form and acts of every kind, by chance from a seed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from core.domain.ports import Store
from core.domain.vote_log import Act, ActKind
from core.domain.voting import (
    SHARES,
    Ballot,
    Battle,
    BattleForm,
    BattleState,
    Control,
    Mark,
    Policy,
    Reason,
    Verdict,
    Vote,
    VoterKind,
)
from tests.support.stored import NOON, make_battle, make_candidates

SYSTEMS = ("A", "B", "C", 'D "quoted" 100%', "Ée")
VOTERS = ("ann", "bob", "cyd", "dan")


def fill(store: Store, seed: int, *, votes: int, acts: int = 0) -> list[Vote]:
    """``votes`` votes on two collections, then ``acts`` acts and some undos; the votes as they were returned."""
    rng = random.Random(seed)
    lists = {query: make_candidates(query) for query in ("q1", "q2", "q3")}
    store.save_candidates(lists.values())
    cast = []
    for number in range(votes):
        query = rng.choice(sorted(lists))
        battle = random_battle(rng, f"r{seed}-{number}", query, lists[query].hash)
        shown = NOON + timedelta(minutes=number)
        store.add_battle(replace(battle, state=BattleState.SHOWN, shown_at=shown))
        kind = VoterKind.JUDGE if battle.voter == "dan" else VoterKind.PERSON
        at = NOON + timedelta(minutes=number, milliseconds=rng.randrange(1000, 90_000))
        cast.append(store.cast_vote(battle.id, battle.voter, kind, random_ballot(rng, battle), at))
    for number in range(acts):
        random_act(rng, store, cast, NOON + timedelta(days=1, minutes=number))
    return cast


def random_battle(rng: random.Random, id: str, query: str, candidates: str) -> Battle:
    """Any form, sometimes a control."""
    form = rng.choice(tuple(BattleForm))
    control = rng.choice([Control.NONE, Control.NONE, Control.NONE, Control.SAME_SYSTEM, Control.SWAPPED])
    slots = rng.sample(SYSTEMS, rng.randint(2, 4) if form is BattleForm.BEST_TO_WORST else 2)
    if control is Control.SAME_SYSTEM:
        slots = [slots[0]] * len(slots)
    battle = make_battle(
        id,
        rng.choice(VOTERS),
        left=slots[0],
        right=slots[1],
        further=tuple(slots[2:]),
        query=query,
        collection=rng.choice(["col", "other"]),
        category=rng.choice(["keyword", "question"]),
        minutes=rng.randrange(-30, 0),
        form=form,
        policy=rng.choice(tuple(Policy)),
        probability=rng.choice([1.0, 0.1, 1 / 3]),
        control=control,
        repeats="r" if control is Control.SWAPPED else "",
        seed=rng.getrandbits(40),
        depth=rng.randrange(30),
        voter_group=rng.choice(["", "staff"]),
    )
    return replace(battle, candidates=candidates)


def random_ballot(rng: random.Random, battle: Battle) -> Ballot:
    """One that fits the battle."""
    marks = tuple(
        Mark(document=id, useful=rng.random() < 0.5) for id in rng.sample(["d1", "d2", "d3"], rng.randrange(3))
    )
    reasons = tuple(rng.sample(tuple(Reason), rng.randrange(3)))
    if battle.form is not BattleForm.BEST_TO_WORST:
        return Ballot(verdict=rng.choice(tuple(SHARES)), marks=marks, reasons=reasons)
    levels: dict[int, list[int]] = {}
    for slot in range(len(battle.slots)):
        levels.setdefault(rng.randrange(4), []).append(slot)
    order = tuple(tuple(levels[level]) for level in sorted(levels))
    return Ballot(verdict=Verdict.ORDERED, order=order, marks=marks, reasons=reasons)


def random_act(rng: random.Random, store: Store, cast: list[Vote], at: datetime) -> None:
    """An undo, or any other act on a vote or a voter."""
    vote, kind = rng.choice(cast), rng.choice(tuple(ActKind))
    if kind is ActKind.UNDO:
        if store.battle(vote.battle).state == "voted":
            store.withdraw_vote(vote.battle, vote.voter, at)
        return
    if kind is ActKind.CORRECT:
        if vote.form is BattleForm.BEST_TO_WORST:
            return
        act = Act(kind=kind, actor="op", reason="é", at=at, battle=vote.battle, verdict=rng.choice(tuple(SHARES)))
    elif rng.random() < 0.7:
        act = Act(kind=kind, actor="op", reason="why", at=at, battle=vote.battle)
    else:
        act = Act(kind=kind, actor="detector", reason="", at=at, voter=vote.voter)
    store.record_acts([act])
