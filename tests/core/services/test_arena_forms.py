"""Interleaved and best-to-worst battles and controls, from the first sight to the names."""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import (
    GOLD_BEST,
    GOLD_WORST,
    Ballot,
    Battle,
    BattleForm,
    BattleState,
    Control,
    Mark,
    Verdict,
)
from core.measures.interleaving import team_draft
from core.services.battles.arena import BattleView, Reveal, Waiting
from core.services.votes.controls import SideBias
from tests.support.prepared import prepared

INTERLEAVED, BEST_TO_WORST, SIDE_BY_SIDE = BattleForm.INTERLEAVED, BattleForm.BEST_TO_WORST, BattleForm.SIDE_BY_SIDE


def table(**rates: float) -> object:
    """[arena] with these rates, all others 0."""
    names = ("same", "swapped", "gold", "interleaved", "best_to_worst")
    text = "".join(f"{name}_rate = {rates.get(name, 0)}\n" for name in names)
    return pytest.param(text, id=" ".join(rates))


@pytest.fixture
def ready(app: App, small: Collection) -> App:
    prepared(app, "small")
    return app


def shown(app: App, voter: str = "ann", form: BattleForm | str = "") -> BattleView:
    view = app.arena.next_battle(voter, "small", form=form)
    assert isinstance(view, BattleView)
    app.arena.shown(view.id, voter)
    time.sleep(0.012)
    return view


def vote(app: App, view: BattleView, verdict: Verdict, voter: str = "ann") -> Reveal:
    return app.arena.vote(view.id, voter, Ballot(verdict=verdict))


def useful(documents: Sequence[str]) -> tuple[Mark, ...]:
    return tuple(Mark(document=document, useful=True) for document in documents)


def rankings(app: App, battle: Battle) -> list[tuple[str, ...]]:
    by = {ranking.system: ranking.order for ranking in app.store.rankings([battle.candidates])}
    return [by[slot] for slot in battle.slots]


def test_an_interleaved_battle_shows_one_list_the_same_after_a_reload(ready: App) -> None:
    view = shown(ready, form=INTERLEAVED)
    assert (view.form, view.lists, view.left, view.right) == (INTERLEAVED, (), (), ())
    made = ready.store.battle(view.id)
    first, second = rankings(ready, made)
    expected = team_draft(first, second, depth=10, seed=made.seed)
    assert tuple(row.document.id for row in view.merged) == expected.documents
    assert [row.rank for row in view.merged] == list(range(1, 11))
    assert shown(ready, form=INTERLEAVED) == view


def test_marks_decide_an_interleaved_battle_and_the_reveal_says_who_brought_what(ready: App) -> None:
    view = shown(ready, form=INTERLEAVED)
    made = ready.store.battle(view.id)
    draft = team_draft(*rankings(ready, made), depth=10, seed=made.seed)
    of_second = [document for document, team in zip(draft.documents, draft.teams, strict=True) if team == 1]
    reveal = ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.EQUAL, marks=useful(of_second)))
    assert (reveal.verdict, reveal.credit) == (Verdict.RIGHT, (0, len(of_second)))
    assert tuple(part.slot for part in reveal.merged) == draft.teams
    assert [part.useful for part in reveal.merged] == [True if part.slot == 1 else None for part in reveal.merged]
    assert ready.store.votes()[0].verdict is Verdict.RIGHT
    assert [label.document for label in ready.arena.marks("small")] == sorted(of_second)


def test_nothing_useful_is_both_bad(ready: App) -> None:
    reveal = vote(ready, shown(ready, form=INTERLEAVED), Verdict.LEFT)
    assert (reveal.verdict, reveal.credit) == (Verdict.BOTH_BAD, (0, 0))


def test_best_to_worst_shows_four_lists_and_takes_an_order(ready: App) -> None:
    view = shown(ready, form=BEST_TO_WORST)
    made = ready.store.battle(view.id)
    shown_ids = [tuple(row.document.id for row in rows) for rows in view.lists]
    assert shown_ids == [order[:10] for order in rankings(ready, made)]
    ranks = [{id: rank for rank, id in enumerate(ids, 1)} for ids in shown_ids]
    assert all(row.ranks == tuple(r.get(row.document.id) for r in ranks) for rows in view.lists for row in rows)
    order = ((3,), (0, 1), (2,))
    reveal = ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.ORDERED, order=order))
    assert (reveal.order, len(set(reveal.names)), reveal.others) == (order, 4, {})
    assert set(reveal.names) <= set(ready.systems.names().values())
    assert reveal.labels is None or len(reveal.labels) == 4


def test_agreement_over_all_pairs_of_an_order(ready: App) -> None:
    """Bob put the same four lists in another order: D A=B C against A B C D. They agree on A C and B C only."""
    view = shown(ready, form=BEST_TO_WORST)
    made = ready.store.battle(view.id)
    ready.store.add_battle(replace(made, id="bobs", voter="bob", state=BattleState.ISSUED, shown_at=None))
    ready.arena.shown("bobs", "bob")
    time.sleep(0.012)
    ready.arena.vote("bobs", "bob", Ballot(verdict=Verdict.ORDERED, order=((3,), (0, 1), (2,))))
    mine = Ballot(verdict=Verdict.ORDERED, order=((0,), (1,), (2,), (3,)))
    reveal = ready.arena.vote(view.id, "ann", mine)
    assert (reveal.agreement.same, reveal.agreement.of) == (2, 6)


def test_each_form_has_an_open_battle_of_its_own(ready: App) -> None:
    merged = shown(ready, form=INTERLEAVED)
    two = shown(ready, form=SIDE_BY_SIDE)
    assert (merged.form, two.form) == (INTERLEAVED, SIDE_BY_SIDE)
    assert shown(ready, form=INTERLEAVED).id == merged.id
    assert shown(ready).id == two.id  # the last one issued


@pytest.mark.parametrize("arena_table", [table(same=1)])
def test_the_same_system_twice(ready: App) -> None:
    view = shown(ready)
    assert [row.document for row in view.left] == [row.document for row in view.right]
    reveal = vote(ready, view, Verdict.BOTH_BAD)
    assert reveal.control is Control.SAME_SYSTEM
    assert reveal.left == reveal.right
    assert reveal.known is not None
    assert (reveal.known.expected, reveal.known.met) == (Verdict.EQUAL, True)
    assert dict(reveal.others) == {}
    vote(ready, shown(ready), Verdict.LEFT)
    assert ready.controls.side_bias(ready.collections.get("small").fingerprint) == SideBias(left=1, right=0, ties=1)


@pytest.mark.parametrize("arena_table", [table(gold=1)])
def test_a_gold_battle_knows_its_answer_and_looks_like_any_other(ready: App) -> None:
    fingerprint = ready.collections.get("small").fingerprint
    for right in (True, False):
        view = shown(ready)
        made = ready.store.battle(view.id)
        assert set(made.slots) == {GOLD_BEST, GOLD_WORST}
        assert "gold" not in repr(asdict(view))
        labels = ready.collections.reader("small").judgments(made.query_id)
        best = Verdict.LEFT if made.left == GOLD_BEST else Verdict.RIGHT
        better = view.left if best is Verdict.LEFT else view.right
        assert [labels.get(row.document.id, 0) for row in better[:3]] == [2, 1, 0]
        reveal = vote(ready, view, best if right else best.mirrored)
        assert reveal.known is not None
        assert (reveal.control, reveal.known.expected, reveal.known.met) == (Control.GOLD, best, right)
        assert reveal.labels is not None
        assert max(reveal.labels) == 1.0
    records = ready.controls.records(fingerprint)
    assert [(one.voter, one.control, one.right) for one in records] == [
        ("ann", Control.GOLD, False),
        ("ann", Control.GOLD, True),
    ]
    assert len(ready.store.comparisons(collection=fingerprint, kind=ready.store.votes()[0].voter_kind)) == 0


@pytest.mark.parametrize("arena_table", [table(swapped=1)])
def test_a_swapped_repeat_shows_the_same_lists_on_the_other_sides(ready: App) -> None:
    first: dict[str, BattleView] = {}
    for _ in range(5):
        view = shown(ready)
        first[view.id] = view
        vote(ready, view, Verdict.LEFT)
    repeat = shown(ready)
    made = ready.store.battle(repeat.id)
    assert made.control is Control.NONE  # five battles must lie between
    vote(ready, repeat, Verdict.LEFT)
    repeat = shown(ready)
    made = ready.store.battle(repeat.id)
    assert made.control is Control.SWAPPED
    earlier = first[made.repeats]
    documents = [[row.document for row in rows] for rows in (repeat.left, repeat.right)]
    assert documents == [[row.document for row in rows] for rows in (earlier.right, earlier.left)]
    reveal = vote(ready, repeat, Verdict.LEFT)
    assert reveal.known is not None
    assert (reveal.known.expected, reveal.known.met) == (Verdict.RIGHT, False)
    record = ready.controls.records(made.collection)[0]
    assert (record.control, record.share, record.expected) == (Control.SWAPPED, 1.0, 0.0)
    assert ready.controls.side_bias(made.collection) == SideBias(left=1, right=0, ties=0)
    ready.arena.undo(made.repeats, "ann")
    assert ready.controls.records(made.collection) == ()


@pytest.mark.parametrize("arena_table", [table(interleaved=0.5, best_to_worst=0.5)])
def test_every_form_is_blind(ready: App) -> None:
    forms = set()
    for number in range(12):
        view = ready.arena.next_battle(f"voter{number}", "small")
        assert not isinstance(view, Waiting)
        forms.add(view.form)
        text = repr(asdict(view))
        for fingerprint, spec in ready.systems.names().items():
            assert fingerprint not in text
            assert spec not in text
    assert forms == {INTERLEAVED, BEST_TO_WORST}


def test_agreements_of_tops_are_counted_for_every_pair(ready: App) -> None:
    found = ready.arena.agreements("small")
    systems = sorted(system.fingerprint for system in ready.systems.roster())
    orders = ready.store.rankings(list(ready.candidates.known("small").values()))
    tops = {(ranking.system, ranking.candidates): ranking.order[:5] for ranking in orders}
    lists = {candidates for _, candidates in tops}
    assert set(found) == {(a, b) for a in systems for b in systems if a < b}
    for (a, b), count in found.items():
        assert count == sum(tops[a, candidates] == tops[b, candidates] for candidates in lists)
