"""The cut: how many are kept, that the order stays, and why nothing is cut."""

import numpy as np
import pytest

from core.domain.documents import CandidateList, Query
from core.domain.requests import Example, ExamplesAnswer, RankAnswer
from core.strategies.aggregation.platt import fit_platt
from core.strategies.aggregation.relevance_threshold import RelevanceThreshold
from tests.support.judges import PerfectJudge, candidates, drive

GRADES = (1, 0, 1, 1, 0, 0)


def by_id(given):
    """A document's score is one over its number, so d0 is best; the order is that of the scores."""
    scores = tuple(1 / (1 + int(id[1:])) for id in given.ids)
    return RankAnswer(order=tuple(sorted(range(len(scores)), key=lambda place: -scores[place])), scores=scores)


class Judge(PerfectJudge):
    """Three judged queries over the documents d0, d1 ... of these grades; the seed is not looked at."""

    def answer(self, request):
        documents = candidates(len(GRADES)).documents
        lists = CandidateList(query=Query(id="x", text="x"), documents=documents)
        return ExamplesAnswer(examples=(Example(candidates=lists, grades=GRADES),) * 3)


def cut(strategy, n=9, member=by_id, judge=None):
    return drive(strategy, candidates(n), judge or Judge(), members=[member]).outcome


def probabilities(n=9):
    scores = np.array([1 / (1 + number) for number in range(len(GRADES))] * 3)
    return fit_platt(scores, np.array([grade > 0 for grade in GRADES] * 3))(1 / np.arange(1, n + 1))


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.45, 0.5, 0.6, 0.8, 1.0])
def test_keeps_what_is_probable_enough_and_leaves_the_order(threshold):
    shuffled = CandidateList(
        query=candidates(9).query,
        documents=tuple(candidates(9).documents[place] for place in (4, 0, 8, 2, 6, 1, 3, 5, 7)),
    )
    outcome = drive(RelevanceThreshold(threshold=threshold), shuffled, Judge(), members=[by_id]).outcome
    assert [shuffled.ids[place] for place in outcome.order] == [f"d{number}" for number in range(9)]
    assert outcome.scores == by_id(shuffled).scores
    assert outcome.keep == int((probabilities() >= threshold).sum())
    assert outcome.repairs == ()


def test_cuts_are_nested_in_the_threshold():
    kept = [cut(RelevanceThreshold(threshold=share / 20)).keep for share in range(21)]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] == 9
    assert len(set(kept)) > 3


def test_an_isotonic_cut_by_hand():
    """Scores 1, 1/2, 1/3 ... with grades 1 0 1 1 0 0: the curve is 1, then two thirds from 1/2 to 1/4, then 0."""
    assert cut(RelevanceThreshold(curve="isotonic", threshold=0.7)).keep == 1
    assert cut(RelevanceThreshold(curve="isotonic", threshold=0.6)).keep == 4
    note = cut(RelevanceThreshold(curve="isotonic", threshold=0.6)).steps[0].note
    assert note == (
        "fitted on 18 judged documents of 3 queries; the last kept has probability 0.667, the first left out 0.000"
    )


def test_nothing_is_cut_without_scores_or_examples():
    unscored = cut(
        RelevanceThreshold(), member=lambda given: RankAnswer(order=tuple(range(len(given.documents)))[::-1])
    )
    assert (unscored.keep, unscored.order[0]) == (None, 8)
    assert unscored.repairs == ("not cut: the member gives no scores",)

    class NoExamples(PerfectJudge):
        def answer(self, request):
            return ExamplesAnswer(examples=())

    bare = cut(RelevanceThreshold(), judge=NoExamples())
    assert (bare.keep, bare.order) == (None, tuple(range(9)))
    assert bare.repairs == ("not cut: the list's collection has no other judged queries",)


def test_nothing_is_cut_by_a_member_that_points_the_wrong_way():
    def wrong(given):
        scores = tuple(float(int(id[1:])) for id in given.ids)
        return RankAnswer(order=tuple(reversed(range(len(scores)))), scores=scores)

    outcome = cut(RelevanceThreshold(), member=wrong)
    assert outcome.keep is None
    assert outcome.repairs == ("not cut: the member scores relevant examples no higher than others",)
