"""Score fusion: scales and weights by hand, fitted curves from examples, what happens without them."""

import math

import numpy as np
import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import BadAnswerError, InvalidInputError
from core.domain.requests import Example, Examples, ExamplesAnswer, Rank, RankAnswer
from core.strategies.aggregation.platt import fit_platt
from core.strategies.aggregation.score_fusion import ScoreFusion, min_max, z_scores
from core.strategies.contract import JUDGES, sample_candidates
from tests.support.judges import PerfectJudge, candidates, drive


def scored(*scores):
    """A member that scores whatever it is given by these numbers, in their order."""

    def member(given):
        own = scores[: len(given.documents)]
        return RankAnswer(order=tuple(sorted(range(len(own)), key=lambda place: -own[place])), scores=own)

    return member


def example(number, grades):
    documents = tuple(Document(id=f"x{number}-{place}", text="") for place in range(len(grades)))
    return Example(candidates=CandidateList(query=Query(id=f"x{number}", text=""), documents=documents), grades=grades)


class Judge(PerfectJudge):
    """Gives fixed examples; members give their own rankings."""

    def __init__(self, *examples):
        object.__setattr__(self, "examples", examples)

    def answer(self, request):
        assert isinstance(request, Examples)
        return ExamplesAnswer(examples=self.examples)


def fuse(strategy, n, members, *examples):
    return drive(strategy, candidates(n), Judge(*examples), members=members)


def test_z_scores_by_hand():
    assert z_scores(np.array([1.0, 3.0])).tolist() == [-1, 1]
    assert z_scores(np.full(3, 0.1)).tolist() == [0, 0, 0]


def test_min_max_by_hand():
    assert min_max(np.array([2.0, 6.0, 3.0])).tolist() == [0, 1, 0.25]
    assert min_max(np.full(3, 7.0)).tolist() == [0, 0, 0]


def test_a_weighted_sum_by_hand():
    members = [scored(2.0, 6.0, 3.0), scored(10.0, 0.0, 4.0)]
    driven = fuse(ScoreFusion(calibration="min-max", weights="3/1"), 3, members)
    assert driven.outcome.scores == pytest.approx((1.0, 3.0, 1.15))
    assert driven.outcome.order == (1, 2, 0)
    assert driven.rounds == (tuple(Rank(member=m, candidates=candidates(3)) for m in range(2)),)
    assert driven.outcome.repairs == ()


def test_a_member_that_scores_all_the_same_says_nothing():
    outcome = fuse(ScoreFusion(), 3, [scored(0.1, 0.1, 0.1), scored(1.0, 3.0, 2.0)]).outcome
    assert outcome.order == (1, 2, 0)
    assert all(map(math.isfinite, outcome.scores))


def test_a_member_without_scores_counts_by_reciprocal_ranks():
    outcome = fuse(
        ScoreFusion(calibration="min-max"), 3, [lambda _given: RankAnswer(order=(2, 0, 1)), scored(0.0, 0.0, 0.0)]
    ).outcome
    middle = (1 / 62 - 1 / 63) / (1 / 61 - 1 / 63)
    assert outcome.scores == pytest.approx((middle, 0.0, 1.0))
    assert outcome.repairs == ("member 1 gives no scores; 1 / (60 + rank) stands for them",)


def test_platt_is_fitted_to_the_judged_documents_of_the_examples_only():
    """Grades None and the candidates themselves take no part; the second member's scores are another unit."""
    first, second = (0.9, 0.1, 0.5, 0.7), (900.0, 100.0, 500.0, 700.0)
    examples = (example(0, (2, 0, None, 1)), example(1, (1, None, 0, 0)))
    driven = fuse(ScoreFusion(calibration="platt"), 4, [scored(*first), scored(*second)], *examples)
    curve = fit_platt(np.array([0.9, 0.1, 0.7, 0.9, 0.5, 0.7]), np.array([True, False, True, True, False, False]))
    assert driven.outcome.scores == pytest.approx(2 * curve(np.array(first)), abs=1e-7)
    assert driven.outcome.repairs == ()
    assert [len(asked) for asked in driven.rounds] == [1, 6]
    assert driven.calls == 0
    assert driven.rounds[0] == (Examples(candidates=candidates(4), count=20, depth=20),)


def test_isotonic_by_hand():
    """Among the judged, scores up to 0.5 are never relevant and from 0.7 always."""
    members = [scored(0.9, 0.1, 0.5, 0.7, 0.6), scored(0.0, 0.0, 0.0, 0.0, 0.0)]
    outcome = fuse(ScoreFusion(calibration="isotonic"), 5, members, example(0, (1, 0, 0, 1))).outcome
    assert outcome.scores == pytest.approx((1, 0, 0, 1, 0.5))
    assert outcome.order == (0, 3, 4, 1, 2)
    assert outcome.repairs == ("member 2 scores relevant examples no higher than others; it is left out",)


def test_grades_below_the_least_are_irrelevant():
    members = [scored(0.9, 0.1), scored(0.9, 0.1)]
    outcome = fuse(ScoreFusion(calibration="platt", grade=2), 2, members, example(0, (1, 1))).outcome
    assert outcome.repairs == ("z-scores in place of platt: all 2 judged documents of the examples are irrelevant",)


@pytest.mark.parametrize("examples", [(), (example(0, (None, None)),), (example(0, (1,)),)])
def test_without_judged_examples_it_falls_back_and_says_so(examples):
    members = [scored(1.0, 3.0), scored(0.0, 0.0)]
    outcome = fuse(ScoreFusion(calibration="isotonic"), 2, members, *examples).outcome
    assert outcome.scores == (-1.0, 1.0)
    assert outcome.repairs == ("z-scores in place of isotonic: the list's collection has no other judged queries",)


@pytest.mark.parametrize("calibration", ["z-score", "min-max", "platt", "isotonic"])
def test_any_judge_gets_a_permutation_and_ties_stay(calibration):
    strategy = ScoreFusion(calibration=calibration, examples=3, depth=4)
    for judge in JUDGES:
        for n_docs in (2, 25):
            outcome = drive(strategy, sample_candidates(n_docs), judge).outcome
            assert sorted(outcome.order) == list(range(n_docs))
            if type(judge).__name__ in {"TieJudge", "FirstPlaceJudge", "RefusingJudge"}:
                assert outcome.order == tuple(range(n_docs))


@pytest.mark.parametrize("weights", ["1", "1/2/3", "1/x", "1/-1", "1/nan", "/"])
def test_wrong_weights_are_refused(weights):
    with pytest.raises(InvalidInputError, match="are 2 numbers from 0 with / between them"):
        ScoreFusion(weights=weights)


def test_a_member_that_leaves_out_a_document_is_refused():
    with pytest.raises(BadAnswerError, match="2 of 3 documents"):
        fuse(ScoreFusion(), 3, [lambda _given: RankAnswer(order=(0, 1)), scored(1.0, 2.0, 3.0)])


def test_what_each_member_is_given():
    assert ScoreFusion().member_lists(0, 30) == (30,)
    assert ScoreFusion(calibration="platt", examples=2, depth=9).member_lists(1, 30) == (30, 9, 9)
    assert ScoreFusion(calibration="platt").member_lists(0, 1) == ()
