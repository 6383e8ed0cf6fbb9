"""Path decoding of pairwise preferences: the matrix by hand, the order of Bradley-Terry worths, contradictions."""

import math
from itertools import pairwise, permutations

import pytest

from core.domain.requests import LabelAnswer
from core.strategies.aggregation.tsp_rank import PairwisePath, first_chance
from core.strategies.pairwise.comparison import A, B
from tests.support.judges import FirstPlaceJudge, PerfectJudge, candidates, documents_of, drive, ideal


class BradleyTerry(PerfectJudge):
    """Says A with the probability that its document beats the other; ``bias``: added to the first one's worth."""

    def __init__(self, worths, bias=0.0):
        object.__setattr__(self, "given", worths)
        object.__setattr__(self, "bias", bias)

    def answer(self, request):
        first, second = (self.given[int(id[1:])] for id in documents_of(request.prompt))
        chance = 1 / (1 + math.exp(second - first - self.bias))
        shares = [math.log(chance / len(A))] * len(A) + [math.log((1 - chance) / len(B))] * len(B)
        return LabelAnswer(logprobs=tuple(shares))


def answer(*logprobs):
    return LabelAnswer(logprobs=logprobs)


def test_the_chance_of_the_first_label():
    half = math.log(0.25)
    assert first_chance(answer(half, half, half, half)) == pytest.approx(0.5)
    assert first_chance(answer(math.log(0.6), None, math.log(0.2), None)) == pytest.approx(0.75)
    assert first_chance(answer(math.log(0.3), math.log(0.3), math.log(0.1), math.log(0.1))) == pytest.approx(0.75)
    assert first_chance(answer(None, None, None, None)) == 0.5
    assert first_chance(answer(-3.0, None, None, None)) == 1
    assert first_chance(answer(None, None, -3.0, None)) == 0
    assert first_chance(answer(-2000.0, None, -1.0, None)) == pytest.approx(0, abs=1e-300)
    assert first_chance(answer(-math.inf, -math.inf, -math.inf, -math.inf)) == 0.5


@pytest.mark.parametrize("n_docs", [2, 7, 25])
def test_a_perfect_judge_is_followed_for_all_pairs_in_one_round(n_docs):
    judge = PerfectJudge(seed=n_docs)
    driven = drive(PairwisePath(), candidates(n_docs), judge)
    assert driven.outcome.order == ideal(candidates(n_docs), judge)
    assert [len(asked) for asked in driven.rounds] == [n_docs * (n_docs - 1)]
    assert driven.calls == PairwisePath().forecast(n_docs)


@pytest.mark.parametrize("bias", [0.0, 1.5])
def test_logarithms_find_the_order_of_worths_where_probabilities_do_not(bias):
    """Eight worths close together: by probabilities it pays to jump back once and then take larger steps."""
    worths = [0.2 * place for place in (3, 7, 0, 5, 1, 6, 2, 4)]
    order = tuple(sorted(range(8), key=lambda place: -worths[place]))
    judge = BradleyTerry(worths, bias)
    assert drive(PairwisePath(), candidates(8), judge).outcome.order == order
    found = drive(PairwisePath(weight="probability"), candidates(8), BradleyTerry(worths)).outcome.order
    assert sum_of_chances(worths, found) == pytest.approx(
        max(sum_of_chances(worths, p) for p in permutations(range(8)))
    )
    assert sum_of_chances(worths, found) > sum_of_chances(worths, order)


def sum_of_chances(worths, order):
    return sum(1 / (1 + math.exp(worths[b] - worths[a])) for a, b in pairwise(order))


def test_a_judge_that_prefers_the_first_place_leaves_the_first_stage_order():
    outcome = drive(PairwisePath(), candidates(20), FirstPlaceJudge()).outcome
    assert outcome.order == tuple(range(20))
    assert outcome.repairs == ()
