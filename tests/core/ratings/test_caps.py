"""No voter above the share: by hand, and as properties of random logs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ratings.caps import Caps, TooFewVotersToCapError, capped_weights
from core.ratings.outcomes import Outcomes
from tests.support.battle_logs import names


def log(counts: list[int], *, systems: int = 2, pairs: list[tuple[int, int]] | None = None) -> Outcomes:
    """``counts``: votes of each voter, of each pair in turn (all pairs unless given)."""
    pairs = pairs or [(i, j) for i in range(systems) for j in range(i + 1, systems)]
    voter = np.repeat(np.arange(len(counts)), counts)
    turn = np.concatenate([np.arange(count) for count in counts])
    chosen = np.array(pairs)[turn % len(pairs)]
    n = len(voter)
    return Outcomes(
        systems=names("s", systems),
        left=chosen[:, 0],
        right=chosen[:, 1],
        share=np.ones(n),
        voters=names("v", len(counts)),
        voter=voter,
        queries=("q",),
        query=np.zeros(n, dtype=np.int64),
    )


def held(outcomes: Outcomes, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest share of any voter: of the board (1,), of every system (k,)."""
    shares = np.zeros((len(outcomes.voters), len(outcomes.systems)))
    np.add.at(shares, (outcomes.voter, outcomes.left), weights)
    np.add.at(shares, (outcomes.voter, outcomes.right), weights)
    whole = np.bincount(outcomes.voter, weights=weights, minlength=len(outcomes.voters))
    return (whole / whole.sum()).max(), (shares / np.maximum(shares.sum(axis=0), 1e-300)).max(axis=0)


def test_one_heavy_voter_by_hand() -> None:
    """Five voters: c = 30 %. Four voters of ten leave 40 = 70 %, so the fifth keeps 40 * 3/7 of its 90 votes."""
    outcomes = log([10, 10, 90, 10, 10])
    found = capped_weights(outcomes)
    assert found.share == pytest.approx(0.3)
    assert found.weights[outcomes.voter == 2] == pytest.approx(np.full(90, 40 * 3 / 7 / 90))
    assert (found.weights[outcomes.voter != 2] == 1.0).all()
    assert found.capped == ("v0002",)
    assert found.loosened == ()


def test_two_heavy_voters_by_hand() -> None:
    """c = 25 % of six: four voters of five leave 20 = 50 %, so the two others keep 10 each."""
    outcomes = log([5, 5, 60, 5, 5, 1000])
    found = capped_weights(outcomes)
    kept = np.bincount(outcomes.voter, weights=found.weights)
    assert kept == pytest.approx([5, 5, 10, 5, 5, 10])
    assert found.capped == ("v0005", "v0002")


def test_thirty_voters_and_more_have_five_per_cent() -> None:
    assert capped_weights(log([3] * 30)).share == pytest.approx(0.05)
    assert capped_weights(log([3] * 200)).share == pytest.approx(0.05)
    assert (capped_weights(log([3] * 200)).weights == 1.0).all()


def test_one_system_is_guarded_by_itself() -> None:
    """Ten voters, 15 %: the first gives all its 60 votes to one pair, 60 of 690, but 60 of 312 at each of the two."""
    honest = log([70] * 9, systems=5)
    focused = log([60], systems=5, pairs=[(3, 4)])
    outcomes = Outcomes(
        systems=honest.systems,
        left=np.concatenate([focused.left, honest.left]),
        right=np.concatenate([focused.right, honest.right]),
        share=np.ones(690),
        voters=names("v", 10),
        voter=np.concatenate([focused.voter, honest.voter + 1]),
        queries=("q",),
        query=np.zeros(690, dtype=np.int64),
    )
    found = capped_weights(outcomes)
    touching = 9 * 28
    assert found.weights[:60].sum() == pytest.approx(touching * 0.15 / 0.85)
    assert (found.weights[60:] == 1.0).all()
    wide = found.at_system.tolist()
    assert wide == pytest.approx([1.5 / 9] * 3 + [0.15] * 2)


@pytest.mark.parametrize("voters", [0, 1, 4])
def test_under_five_voters_there_is_no_cap(voters: int) -> None:
    with pytest.raises(TooFewVotersToCapError, match=f"from {voters} voters") as refused:
        capped_weights(log([4] * voters) if voters else log([1]).where(np.array([False])))
    assert refused.value.voters == voters


def test_a_system_of_few_voters_has_no_share() -> None:
    """A and B are met by all ten, C by four."""
    outcomes = log([30] * 10, systems=3, pairs=[(0, 1)])
    some = np.isin(outcomes.voter, [0, 1, 2, 3]) & (np.arange(300) % 2 == 0)
    outcomes = Outcomes(
        systems=outcomes.systems,
        left=outcomes.left,
        right=np.where(some, 2, 1),
        share=outcomes.share,
        voters=outcomes.voters,
        voter=outcomes.voter,
        queries=outcomes.queries,
        query=outcomes.query,
    )
    found = capped_weights(outcomes)
    assert found.at_system.tolist() == pytest.approx([0.15, 0.15, 1.0])
    assert (found.weights == 1.0).all()


def random_log(seed: int, voters: int, systems: int, votes: int, skew: float) -> Outcomes:
    rng = np.random.default_rng(seed)
    activity = rng.pareto(skew, size=voters) + 0.05
    voter = np.concatenate([np.arange(5), rng.choice(voters, size=votes - 5, p=activity / activity.sum())])
    left = rng.integers(systems, size=votes)
    right = (left + rng.integers(1, systems, size=votes)) % systems
    return Outcomes(
        systems=names("s", systems),
        left=left,
        right=right,
        share=rng.integers(3, size=votes) / 2,
        voters=names("v", voters),
        voter=voter,
        queries=("q",),
        query=np.zeros(votes, dtype=np.int64),
    )


logs = st.builds(
    random_log,
    seed=st.integers(0, 10_000),
    voters=st.integers(5, 60),
    systems=st.integers(2, 20),
    votes=st.integers(5, 600),
    skew=st.sampled_from([0.7, 1.0, 2.0]),
)


def kept(outcomes: Outcomes, found: Caps) -> None:
    board, at_system = held(outcomes, found.weights)
    assert board <= found.share * (1 + 1e-6)
    assert (at_system <= found.at_system * (1 + 1e-6)).all()
    assert (found.weights <= outcomes.weight).all()
    assert (found.weights > 0.0).all()


@settings(max_examples=120, deadline=None)
@given(outcomes=logs)
def test_nobody_is_above_the_share_and_nobody_gains(outcomes: Outcomes) -> None:
    kept(outcomes, capped_weights(outcomes))


@settings(max_examples=80, deadline=None)
@given(outcomes=logs)
def test_capping_twice_changes_nothing(outcomes: Outcomes) -> None:
    found = capped_weights(outcomes)
    if not found.loosened:  # otherwise a second run begins with the strict shares again
        again = capped_weights(outcomes.weighted(found.weights))
        assert again.weights == pytest.approx(found.weights, rel=1e-6)


@settings(max_examples=80, deadline=None)
@given(counts=st.lists(st.integers(1, 400), min_size=5, max_size=40))
def test_who_votes_more_keeps_no_less_and_weighs_no_more_each(counts: list[int]) -> None:
    outcomes = log(counts)
    weights = capped_weights(outcomes).weights
    whole = np.bincount(outcomes.voter, weights=weights)
    order = np.argsort(counts, kind="stable")
    assert (np.diff(whole[order]) >= -1e-6).all()
    assert (np.diff((whole / np.array(counts))[order]) <= 1e-6).all()


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.integers(1, 60), min_size=5, max_size=30), more=st.integers(1, 5000))
def test_more_votes_of_the_heaviest_gain_it_nothing(counts: list[int], more: int) -> None:
    """Once capped, further votes are only spread thinner, and nobody else's weight falls."""
    heavy = [5000, *counts]
    first, second = (log([heavy[0] + extra, *counts]) for extra in (0, more))
    before, after = (np.bincount(o.voter, weights=capped_weights(o).weights) for o in (first, second))
    assert after[0] == pytest.approx(before[0], rel=1e-6)
    assert after[1:] == pytest.approx(before[1:], rel=1e-6)


def test_names_and_order_do_not_matter() -> None:
    outcomes = random_log(3, 12, 6, 400, 1.0)
    order = np.random.default_rng(1).permutation(400)
    moved = Outcomes(
        systems=outcomes.systems,
        left=outcomes.right[order],
        right=outcomes.left[order],
        share=1.0 - outcomes.share[order],
        voters=outcomes.voters,
        voter=outcomes.voter[order],
        queries=outcomes.queries,
        query=outcomes.query[order],
    )
    assert capped_weights(moved).weights == pytest.approx(capped_weights(outcomes).weights[order], rel=1e-6)
