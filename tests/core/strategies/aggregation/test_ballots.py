"""Rankings as ranks, points and counts of opinions, by hand."""

import numpy as np
import pytest

from core.domain.errors import BadAnswerError
from core.domain.requests import RankAnswer
from core.strategies.aggregation.ballots import borda_points, preferences, ranks_of


def test_ranks_by_position():
    assert ranks_of(RankAnswer(order=(2, 0, 1)), 3).tolist() == [2, 3, 1]


def test_equal_scores_share_their_mean_rank():
    answer = RankAnswer(order=(3, 0, 1, 2, 4), scores=(0.5, 0.5, 0.5, 0.9, 0.1))
    assert ranks_of(answer, 5).tolist() == [3, 3, 3, 1, 5]


def test_what_is_left_out_has_no_rank():
    ranks = ranks_of(RankAnswer(order=(1,)), 3)
    assert ranks[1] == 1
    assert np.isnan(ranks[[0, 2]]).all()


@pytest.mark.parametrize("order", [(0, 0, 1), (0, 3), (-1, 0)])
def test_no_ranking_is_refused(order):
    with pytest.raises(BadAnswerError, match="each may stand once"):
        ranks_of(RankAnswer(order=order), 3)


def test_scores_of_other_documents_are_refused():
    with pytest.raises(BadAnswerError, match="2 scores for 3 documents"):
        ranks_of(RankAnswer(order=(0, 1, 2), scores=(1.0, 0.5)), 3)


def test_points_count_what_stands_below():
    full, tied = np.array([1.0, 2, 3, 4]), np.array([1.5, 1.5, 3, 4])
    assert borda_points([full, tied], 4).tolist() == [5.5, 4.5, 2, 0]


def test_left_out_documents_share_the_last_places():
    partial = np.array([np.nan, 1, np.nan, np.nan])  # places 2 to 4 are shared: 3 on average, one document below
    assert borda_points([partial], 4).tolist() == [1, 3, 1, 1]


def test_opinions_leave_out_ties_and_the_absent():
    ballots = [np.array([1.0, 2, 3]), np.array([1.5, 1.5, 3]), np.array([2.0, np.nan, 1])]
    assert preferences(ballots, 3).tolist() == [[0, 1, 2], [0, 0, 2], [1, 0, 0]]
