"""Leave one out, against fits of the logs that really lack the voter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.ratings.bradley_terry import BradleyTerry, fit_bradley_terry
from core.ratings.davidson import fit_davidson
from core.ratings.identifiability import NotIdentifiableError
from core.ratings.influence import voter_influence
from core.ratings.outcomes import Outcomes
from core.ratings.pairs import pair_table
from tests.support.battle_logs import at_random, from_counts


def fitted(outcomes: Outcomes) -> BradleyTerry:
    return fit_bradley_terry(pair_table(outcomes))


@pytest.mark.parametrize("seed", range(4))
def test_the_step_is_close_to_the_fit(seed: int) -> None:
    outcomes = at_random(np.random.default_rng(seed), systems=6, votes=500, voters=12, queries=10)
    fit = fitted(outcomes)
    found = voter_influence(outcomes, fit, most=12)
    assert len(found.pulls) == 12
    for pull in found.pulls:
        mine = outcomes.voter == outcomes.voters.index(pull.name)
        real = fitted(outcomes.where(~mine)).ratings - fit.ratings
        assert np.abs(pull.shift - real).max() < 0.1 * np.abs(real).max() + 0.1
        assert pull.votes == mine.sum()
        assert pull.share == pytest.approx(mine.sum() / 500)
    assert [pull.largest for pull in found.pulls] == sorted((p.largest for p in found.pulls), reverse=True)


@pytest.mark.parametrize("seed", range(12))
def test_who_decides_is_exact(seed: int) -> None:
    """First place, with every voter really left out."""
    outcomes = at_random(np.random.default_rng(seed), systems=4, votes=60, voters=8, queries=10)
    fit = fitted(outcomes)
    found = voter_influence(outcomes, fit)
    leader = int(fit.strengths.argmax())
    deciding, essential = [], []
    for at, name in enumerate(outcomes.voters):
        if not (outcomes.voter == at).any():
            continue
        try:
            without = fitted(outcomes.where(outcomes.voter != at))
        except NotIdentifiableError:
            essential.append(name)
            continue
        if int(without.strengths.argmax()) != leader:
            deciding.append(name)
    assert found.deciding == tuple(deciding)
    assert found.essential == tuple(essential)
    assert found.leader == outcomes.systems[leader]


def test_the_range_holds_every_board() -> None:
    outcomes = at_random(np.random.default_rng(5), systems=5, votes=300, voters=9, queries=11)
    fit = fitted(outcomes)
    found = voter_influence(outcomes, fit)
    boards = np.array([fitted(outcomes.where(outcomes.voter != voter)).ratings for voter in range(9)])
    boards = np.vstack([boards, fit.ratings])
    assert found.low == pytest.approx(boards.min(axis=0), abs=1.5)
    assert found.high == pytest.approx(boards.max(axis=0), abs=1.5)
    assert (found.low <= fit.ratings).all()
    assert (fit.ratings <= found.high).all()


def test_a_voter_without_whom_there_are_no_ratings() -> None:
    """Only the last voter ever let B win."""
    outcomes = from_counts({("A", "B"): (5, 0, 0), ("B", "A"): (1, 0, 0)})
    found = voter_influence(outcomes, fitted(outcomes))
    assert found.essential == ("voter-5",)
    assert found.deciding == ()


def test_one_voter_decides_by_hand() -> None:
    """A and B are 4 to 3; without the voter who gave A three of the four it is 1 to 3."""
    outcomes = from_counts({("A", "B"): (4, 0, 3)})
    outcomes = replace(outcomes, voter=np.array([0, 0, 0, 1, 2, 3, 4]))
    found = voter_influence(outcomes, fitted(outcomes))
    assert found.deciding == ("voter-0",)
    assert found.pulls[0].name == "voter-0"
    assert found.pulls[0].leader == "B"
    # Ratings are 1000 +- 200 / ln(10) * log odds.
    assert found.pulls[0].shift[0] == pytest.approx(200 / np.log(10) * (np.log(1 / 3) - np.log(4 / 3)))


def test_many_voters_are_ranked_by_the_first_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the heaviest the first-order step stands in, and it hardly differs."""
    outcomes = at_random(np.random.default_rng(6), systems=5, votes=2000, voters=50, queries=10)
    fit = fitted(outcomes)
    whole = voter_influence(outcomes, fit)
    monkeypatch.setattr("core.ratings.influence._EXACT", 5)
    rough = voter_influence(outcomes, fit)
    assert rough.low == pytest.approx(whole.low, abs=1.0)
    assert {pull.name for pull in rough.pulls[:3]} == {pull.name for pull in whole.pulls[:3]}


def test_davidson_and_weights() -> None:
    outcomes = at_random(np.random.default_rng(7), systems=4, votes=500, voters=10, queries=10, ties=0.3)
    outcomes = outcomes.weighted(np.where(outcomes.voter == 0, 0.4, 1.0))
    fit = fit_davidson(pair_table(outcomes))
    found = voter_influence(outcomes, fit, refit=fit_davidson, most=10)
    first = next(pull for pull in found.pulls if pull.name == "v0000")
    real = fit_davidson(pair_table(outcomes.where(outcomes.voter != 0))).ratings - fit.ratings
    assert first.shift == pytest.approx(real, abs=0.05 * np.abs(real).max() + 0.1)
    assert first.share == pytest.approx(0.4 * first.votes / outcomes.weight.sum())
