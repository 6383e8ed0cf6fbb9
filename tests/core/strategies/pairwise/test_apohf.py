"""APOHF: the linear utility against plain gradient descent, the choice of duels against LinUCB written out, budgets."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.requests import Embed, EmbedAnswer
from core.strategies.pairwise.apohf import Apohf
from core.strategies.pairwise.duelling import next_pair, random_pairs
from core.strategies.pairwise.utilities import Fitted, LinearUtility, MlpUtility
from tests.support.judges import (
    FirstPlaceJudge,
    NoisyJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    documents_of,
    drive,
    ideal,
    uniform,
)


def points(n, dim, seed):
    vectors = np.random.default_rng(seed).standard_normal((n, dim))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


DUELS = [(0, 1, 1.0), (2, 1, 0.0), (0, 3, 0.5), (4, 2, 1.0), (1, 5, 1.0)]


def test_linear_utility_is_the_minimum():
    """Against gradient descent on the whole weight vector."""
    features, penalty = points(6, 4, 1), 0.1
    weights = np.zeros(4)
    for _ in range(20_000):
        slope = penalty * weights
        for i, j, won in DUELS:
            difference = features[i] - features[j]
            slope += (1 / (1 + math.exp(-difference @ weights)) - won) * difference
        weights -= 0.2 * slope
    fitted = LinearUtility(penalty=penalty).fit(features, DUELS)
    assert fitted.values == pytest.approx(features @ weights, abs=1e-9)
    assert fitted.gradients == pytest.approx(features)


@pytest.mark.parametrize("penalty", [1e-6, 1e-3, 1.0, 1e3])
def test_linear_utility_converges_even_where_duels_can_be_separated(penalty):
    """At the minimum the slope is zero: penalty · w = Σ (won - chance) (x_i - x_j)."""
    features = points(12, 12, 2)
    duels = [(i, i + 1, 1.0) for i in range(11)]
    values = LinearUtility(penalty=penalty).fit(features, duels).values
    weights = np.linalg.solve(features, values)
    slope = penalty * weights
    for i, j, won in duels:
        slope -= (won - 1 / (1 + math.exp(values[j] - values[i]))) * (features[i] - features[j])
    assert slope == pytest.approx(np.zeros(12), abs=1e-8)


def linucb_pair(features, duels, nu, penalty):
    """LinUCB-duel written out item by item, with weights of its own (Newton on the whole vector)."""
    dim = features.shape[1]
    weights = np.zeros(dim)
    for _ in range(60):
        slope, curve = penalty * weights, penalty * np.eye(dim)
        for i, j, won in duels:
            difference = features[i] - features[j]
            chance = 1 / (1 + math.exp(-difference @ weights))
            slope, curve = (
                slope + (chance - won) * difference,
                curve + chance * (1 - chance) * np.outer(difference, difference),
            )
        weights = weights - np.linalg.solve(curve, slope)
    values = [float(x @ weights) for x in features]
    first = max(range(len(values)), key=lambda item: (values[item], -item))
    seen = [penalty + sum((features[i][p] - features[j][p]) ** 2 for i, j, _ in duels) for p in range(dim)]
    met = {frozenset(duel[:2]) for duel in duels}

    def hope(item):
        gaps = (features[item] - features[first]) ** 2
        return values[item] + math.sqrt(nu * sum(gap / s for gap, s in zip(gaps, seen, strict=True)))

    others = [item for item in range(len(values)) if item != first and frozenset((first, item)) not in met]
    return first, max(others, key=hope)


@given(st.integers(0, 200), st.floats(0, 4), st.floats(0.05, 2))
@settings(max_examples=40)
def test_duels_are_those_of_linucb(seed, nu, penalty):
    features = points(9, 5, seed)
    duels = [
        (i, j, float(uniform(seed, "won", str(i), str(j)) > 0.5)) for i, j in random_pairs(6, 9, seed, "some words")
    ]
    fitted = LinearUtility(penalty=penalty).fit(features, duels)
    assert next_pair(fitted, duels, nu, penalty) == linucb_pair(features, duels, nu, penalty)


def test_arms_differ_and_never_meet_twice():
    fitted = Fitted(values=np.zeros(4), gradients=points(4, 3, 0))
    met = []
    while (pair := next_pair(fitted, met, 1.0, 0.1)) is not None:
        assert pair[0] != pair[1]
        met.append((*pair, 0.5))
    assert len({frozenset(duel[:2]) for duel in met}) == len(met) == 6


def test_random_pairs_are_different_and_repeatable():
    pairs = random_pairs(8, 6, 3, "query")
    assert len(set(pairs)) == 8
    assert all(0 <= i < j < 6 for i, j in pairs)
    assert pairs == random_pairs(8, 6, 3, "query") != random_pairs(8, 6, 4, "query")
    assert sorted(random_pairs(100, 3, 0, "q")) == [(0, 1), (0, 2), (1, 2)]
    assert random_pairs(0, 6, 0, "q") == []


def test_mlp_gradients_are_those_of_finite_differences():
    utility = MlpUtility(penalty=0.1, width=6, steps=40, seed=7)
    features = points(6, 4, 5)
    fitted = utility.fit(features, DUELS)
    parameters = utility._start(4)
    pairs = features[[i for i, _, _ in DUELS] + [j for _, j, _ in DUELS]]
    utility._train(parameters, pairs, np.array([won for _, _, won in DUELS]), 0.1 / 55)

    def values():
        return np.maximum(features @ parameters[0] + parameters[1], 0) @ parameters[2] + parameters[3]

    assert values() == pytest.approx(fitted.values)
    column = 0
    for parameter in parameters:
        for place in np.ndindex(parameter.shape):
            kept = parameter[place]
            parameter[place] = kept + 1e-6
            above = values()
            parameter[place] = kept - 1e-6
            slope = (above - values()) / 2e-6
            parameter[place] = kept
            assert fitted.gradients[:, column] == pytest.approx(slope, abs=1e-4)
            column += 1
    assert column == fitted.gradients.shape[1] == 4 * 6 + 6 + 6 + 1


def test_mlp_learns_the_duels_and_knows_nothing_before():
    features = points(6, 8, 6)
    utility = MlpUtility(penalty=0.01, width=32, steps=800, seed=1)
    assert utility.fit(features, []).values == pytest.approx(np.zeros(6), abs=1e-12)
    assert utility.fit(features, [(0, 1, 0.5), (2, 3, 0.5)]).values == pytest.approx(np.zeros(6), abs=1e-12)
    values = utility.fit(features, [(i, i + 1, 1.0) for i in range(5)]).values
    assert all(values[i] > values[i + 1] for i in range(5))


@pytest.mark.parametrize(
    ("n", "duels", "initial", "met"), [(20, 30, 5, 30), (4, 30, 5, 6), (2, 30, 5, 1), (9, 3, 5, 3)]
)
def test_the_budget_is_kept(n, duels, initial, met):
    strategy = Apohf(duels=duels, initial=initial)
    driven = drive(strategy, candidates(n), PerfectJudge())
    assert driven.calls == n + 2 * met == strategy.forecast(n)
    pairs = [frozenset(documents_of(r.prompt)) for r in driven.requests if not isinstance(r, Embed)]
    assert len(set(pairs)) == met
    assert all(len(pair) == 2 for pair in pairs)
    assert len(driven.rounds) == 2 + met - min(initial, met)
    assert {type(r).__name__: r.slot for r in driven.requests} == {"Embed": "embedder", "LabelLogprobs": "judge"}


class Scattered(PerfectJudge):
    """Embeds documents into points that have to do with their worth, in a space of eight dimensions."""

    def answer(self, request):
        if not isinstance(request, Embed):
            return super().answer(request)
        noise = [uniform(9, request.document_id, str(axis)) - 0.5 for axis in range(7)]
        return EmbedAnswer(vector=np.array([3 * self.worth(request.document_id, request), *noise], dtype=np.float32))


def test_few_duels_find_a_good_document_among_many():
    places = []
    for seed in range(6):
        lists, judge = candidates(60), Scattered(seed=seed)
        order = drive(Apohf(duels=25), lists, judge).outcome.order
        places.append(ideal(lists, judge).index(order[0]))
    assert sum(places) / len(places) < 6  # by chance 29.5


@pytest.mark.parametrize("judge", [TieJudge(), FirstPlaceJudge(), RefusingJudge()])
@pytest.mark.parametrize("utility", ["linear", "mlp"])
def test_duels_without_a_winner_leave_the_first_stage_order(judge, utility):
    class Apart(type(judge)):
        """The same opinions on documents that lie apart."""

        def answer(self, request):
            return Scattered().answer(request) if isinstance(request, Embed) else super().answer(request)

    strategy = Apohf(utility=utility, steps=20, duels=8)
    assert drive(strategy, candidates(12), Apart()).outcome.order == tuple(range(12))


@pytest.mark.parametrize("judge", [NoisyJudge(), NonsenseJudge()])
def test_noise_ends_in_a_permutation_and_the_same_one_each_time(judge):
    outcomes = [drive(Apohf(utility="mlp", steps=5, duels=9), candidates(10), judge).outcome for _ in range(2)]
    assert sorted(outcomes[0].order) == list(range(10))
    assert outcomes[0] == outcomes[1]
