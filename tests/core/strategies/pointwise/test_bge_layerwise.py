"""BGE layerwise: every document scored once, with the chosen layer in the request."""

from __future__ import annotations

import pytest

from core.domain.requests import Score
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge
from core.strategies.pointwise.bge_layerwise import BgeLayerwise
from tests.support.judges import candidates, ideal
from tests.support.vector_judge import VectorJudge


def test_the_layer_is_asked_for() -> None:
    driven = drive(BgeLayerwise(layer=12), candidates(5), PerfectJudge(seed=1))
    assert {request.exit_layer for request in driven.requests if isinstance(request, Score)} == {12}
    assert BgeLayerwise().layer == 28
    assert len(driven.rounds) == 1


@pytest.mark.parametrize("n_docs", [2, 3, 31])
def test_a_perfect_judge_gives_the_true_order(n_docs: int) -> None:
    lists, judge = candidates(n_docs), PerfectJudge(seed=2)
    driven = drive(BgeLayerwise(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == BgeLayerwise().forecast(n_docs) == n_docs


def test_scores_are_those_of_the_model() -> None:
    judge = VectorJudge(score=lambda request: -float(request.document.id[1:]) * (request.exit_layer or 0))
    assert drive(BgeLayerwise(layer=2), candidates(3), judge).outcome.scores == (0.0, -2.0, -4.0)
