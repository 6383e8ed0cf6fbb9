"""Permutation self-consistency: what the member is given, what is made of its rankings, and what cancels out."""

import math
from itertools import cycle

import pytest

from core.domain.documents import CandidateList
from core.domain.requests import RankAnswer
from core.strategies.aggregation.self_consistency import SelfConsistency
from tests.support.judges import PerfectJudge, TieJudge, candidates, drive, ideal

AGGREGATES = ("kemeny", "borda", "rrf")


def run(strategy, lists, member):
    return drive(strategy, lists, PerfectJudge(), members=[member])


def by_worth(given: CandidateList) -> RankAnswer:
    """d0 is the worst."""
    numbers = [int(id[1:]) for id in given.ids]
    return RankAnswer(order=tuple(sorted(range(len(numbers)), key=lambda place: -numbers[place])))


def unmoved(given: CandidateList) -> RankAnswer:
    return RankAnswer(order=tuple(range(len(given.documents))))


def first_to_last(given: CandidateList) -> RankAnswer:
    """A pure bias for places: what stands first goes to the end."""
    return RankAnswer(order=(*range(1, len(given.documents)), 0))


def test_the_member_gets_shuffles_in_one_round_and_scores_travel():
    lists = CandidateList(
        query=candidates(8).query,
        documents=candidates(8).documents,
        first_stage_scores=tuple(8.0 - position for position in range(8)),
    )
    driven = run(SelfConsistency(shuffles=6), lists, by_worth)
    assert len(driven.rounds) == 1
    assert [request.member for request in driven.requests] == [0] * 6
    given = [request.candidates for request in driven.requests]
    assert len({shuffle.ids for shuffle in given}) == 6
    for shuffle in given:
        assert sorted(shuffle.ids) == sorted(lists.ids)
        assert shuffle.first_stage_scores == tuple(8.0 - int(id[1:]) for id in shuffle.ids)
    assert given == [request.candidates for request in run(SelfConsistency(shuffles=6), lists, by_worth).requests]
    others = run(SelfConsistency(shuffles=6, seed=1), lists, by_worth).requests
    assert given != [request.candidates for request in others]


def test_another_query_is_shuffled_otherwise():
    one, other = (run(SelfConsistency(), candidates(9, query=query), by_worth).requests for query in ("a", "b"))
    assert [r.candidates.ids for r in one] != [r.candidates.ids for r in other]


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("n_docs", [2, 3, 20, 31])
def test_a_consistent_member_is_followed(aggregate, n_docs):
    driven = run(SelfConsistency(aggregate=aggregate), candidates(n_docs), by_worth)
    assert driven.outcome.order == tuple(reversed(range(n_docs)))


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("member", [unmoved, None])
def test_a_member_without_opinion_leaves_the_first_stage_order(aggregate, member):
    """It gives back what it was given, or the same score for all in whatever order."""

    def equal(given):
        return RankAnswer(order=tuple(reversed(range(len(given.documents)))), scores=(0.5,) * len(given.documents))

    outcome = run(SelfConsistency(aggregate=aggregate), candidates(9), member or equal).outcome
    assert outcome.order == tuple(range(9))


def test_lists_that_come_back_as_given_are_counted_out():
    driven = run(SelfConsistency(shuffles=4), candidates(5), unmoved)
    assert driven.outcome.steps[-1].note == "kemeny of 0 rankings; 4 came back as they were given and say nothing"


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("n_docs", [4, 9])
def test_scores_that_only_follow_the_places_are_no_opinion(aggregate, n_docs):
    """What fusions of silent members, and tournaments without a readable answer, give back: points by place."""

    def by_place(given):
        n = len(given.documents)
        return RankAnswer(order=tuple(range(n)), scores=tuple(float(n - place) for place in range(n)))

    outcome = run(SelfConsistency(aggregate=aggregate), candidates(n_docs), by_place).outcome
    assert outcome.order == tuple(range(n_docs))


def test_a_scored_list_of_two_may_be_right_as_it_was_given():
    """Half of the shuffles of two are the right order: leaving them out could leave nothing out of two."""

    def scored(given):
        return RankAnswer(order=by_worth(given).order, scores=tuple(float(id[1:]) for id in given.ids))

    for seed in range(8):
        assert run(SelfConsistency(shuffles=2, seed=seed), candidates(2), scored).outcome.order == (1, 0)


def test_equal_sums_of_reciprocal_ranks_are_equal_whatever_the_order_of_the_rankings():
    """Eleven rankings in which every document has every rank once: added up one by one, the last digits differ."""
    ids = [f"d{number}" for number in range(11)]
    orders = cycle([(*ids[start:], *ids[:start]) for start in range(11)])

    def turning(given):
        turned = next(orders)
        return RankAnswer(order=tuple(given.ids.index(id) for id in turned))

    outcome = run(SelfConsistency(aggregate="rrf", shuffles=11), candidates(11), turning).outcome
    assert outcome.order == tuple(range(11))
    assert len(set(outcome.scores)) == 1


def test_sums_of_reciprocal_ranks_by_hand():
    strategy = SelfConsistency(aggregate="rrf", shuffles=2)
    given = [request.candidates.ids for request in run(strategy, candidates(3), first_to_last).requests]
    moved = [(*ids[1:], ids[0]) for ids in given]
    expected = [math.fsum(1 / (61 + ids.index(f"d{n}")) for ids in moved) for n in range(3)]
    assert run(strategy, candidates(3), first_to_last).outcome.scores == pytest.approx(expected, rel=1e-12)


def test_a_bias_for_places_moves_the_consensus_less_than_one_list():
    """A member that sorts perfectly but always puts what stands last on top: alone it errs, in twenty shuffles not."""

    def biased(given):
        order = [place for place in by_worth(given).order if place != len(given.documents) - 1]
        return RankAnswer(order=(len(given.documents) - 1, *order))

    best = tuple(reversed(range(12)))
    worst_last = CandidateList(query=candidates(12).query, documents=tuple(reversed(candidates(12).documents)))
    assert biased(worst_last).order[0] == 11  # the worst document on top
    assert run(SelfConsistency(), candidates(12), biased).outcome.order == best


def test_judges_answer_it():
    judge = PerfectJudge(seed=4)
    assert drive(SelfConsistency(), candidates(14), judge).outcome.order == ideal(candidates(14), judge)
    assert drive(SelfConsistency(), candidates(14), TieJudge()).outcome.order == tuple(range(14))


def test_how_often_the_member_is_asked():
    assert SelfConsistency(shuffles=3).member_lists(0, 10) == (10, 10, 10)
    assert SelfConsistency(shuffles=3).member_lists(0, 1) == ()
