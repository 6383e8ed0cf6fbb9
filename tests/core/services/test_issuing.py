"""Controls and forms at their stated rates; a kind that cannot be made gives way."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import GOLD_BEST, GOLD_WORST, Battle, BattleForm, Control, Policy
from core.services.battles.issuing import Issuer
from core.services.battles.matchmaking import Match
from core.services.battles.pair_chances import PairChances
from core.services.battles.pool import Pool
from core.services.votes.vote_columns import VoteColumns
from core.settings import Arena
from tests.support.battles import a_battle
from tests.support.prepared import prepared

RATES = Arena(
    policy=Policy.UNIFORM,
    same_rate=0.1,
    swapped_rate=0.2,
    gold_rate=0.1,
    interleaved_rate=0.15,
    best_to_worst_rate=0.15,
)
PAST = [a_battle(f"past{n}", slots=("x", "y"), candidates="elsewhere") for n in range(12)]


@pytest.fixture
def pool(app: App, small: Collection) -> Pool:
    prepared(app, "small")
    return app.preparation.pool("small")


def issuer(app: App, rates: Arena = RATES, seed: int = 1) -> Issuer:
    chances = PairChances(app.store, VoteColumns(app.store), policy=rates.policy)
    return Issuer(app.store, app.collections, chances, rates, seed)


def draw(
    made: Issuer, small: Collection, pool: Pool, times: int, *, seen: list[Battle], form: BattleForm | None = None
) -> list[Match]:
    drawn = [made.draw(small.fingerprint, pool, seen, category="", form=form) for _ in range(times)]
    return [match for match in drawn if match is not None]


def kind(match: Match) -> str:
    return str(match.control or match.form)


def test_kinds_come_at_their_rates(app: App, small: Collection, pool: Pool) -> None:
    times = 1500
    drawn = Counter(kind(match) for match in draw(issuer(app), small, pool, times, seen=PAST))
    stated = {"same-system": 0.1, "swapped": 0.2, "gold": 0.1, "interleaved": 0.15, "best-to-worst": 0.15}
    stated["side-by-side"] = 1 - sum(stated.values())
    assert set(drawn) == set(stated)
    for name, rate in stated.items():
        assert drawn[name] / times == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / times))


def test_without_a_past_there_is_nothing_to_repeat(app: App, small: Collection, pool: Pool) -> None:
    drawn = Counter(kind(match) for match in draw(issuer(app), small, pool, 300, seen=[]))
    assert drawn["swapped"] == 0
    assert drawn["side-by-side"] > 100  # 0.3 + 0.2 of 300 expected


def test_a_form_that_is_asked_for_is_what_comes(app: App, small: Collection, pool: Pool) -> None:
    made = issuer(app)
    for form in (BattleForm.INTERLEAVED, BattleForm.BEST_TO_WORST):
        assert {kind(match) for match in draw(made, small, pool, 60, seen=PAST, form=form)} == {str(form)}
    plain = {kind(match) for match in draw(made, small, pool, 100, seen=PAST, form=BattleForm.SIDE_BY_SIDE)}
    assert plain == {"side-by-side", "same-system", "swapped", "gold"}


def test_best_to_worst_has_as_many_lists_as_the_settings_say(app: App, small: Collection, pool: Pool) -> None:
    for lists in (3, 4):
        made = issuer(app, replace(RATES, best_to_worst_lists=lists))
        drawn = draw(made, small, pool, 20, seen=[], form=BattleForm.BEST_TO_WORST)
        assert {len(match.slots) for match in drawn} == {lists}


def test_gold_battles_are_on_labelled_lists_with_either_side_best(app: App, small: Collection, pool: Pool) -> None:
    made = issuer(app, Arena(policy=Policy.UNIFORM, same_rate=0, swapped_rate=0, gold_rate=1))
    drawn = draw(made, small, pool, 60, seen=[])
    assert {match.control for match in drawn} == {Control.GOLD}
    assert {match.slots for match in drawn} == {(GOLD_BEST, GOLD_WORST), (GOLD_WORST, GOLD_BEST)}
    queries = {app.store.candidates_record(match.candidates).query_id for match in drawn}
    assert queries == {f"q{n}" for n in range(5)}  # q5 has no labels


def test_a_gold_battle_comes_once_per_list(app: App, small: Collection, pool: Pool) -> None:
    made = issuer(app, Arena(policy=Policy.UNIFORM, same_rate=0, swapped_rate=0, gold_rate=1))
    had = [a_battle(hash, slots=(GOLD_BEST, GOLD_WORST), candidates=hash, control=Control.GOLD) for hash in pool.lists]
    assert {kind(match) for match in draw(made, small, pool, 20, seen=had)} == {"side-by-side"}


def test_controls_are_not_what_is_left_when_all_is_seen(app: App, small: Collection, pool: Pool) -> None:
    everything = [a_battle(hash, slots=pool.systems, candidates=hash) for hash in pool.lists]
    assert draw(issuer(app), small, pool, 50, seen=everything) == []
