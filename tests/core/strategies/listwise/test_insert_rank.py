"""InsertRank: every passage keeps its own first-stage score through all windows, passes and shuffles."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.strategies.listwise.insert_rank import NO_SCORES, InsertRank
from tests.support.judges import NoisyJudge, PerfectJudge, candidates, drive, ideal

SCORE = re.compile(r"Score: (\S+)")


def shown(request) -> list[tuple[str, str]]:
    """(document id, score) as they stand in a prompt."""
    pairs, last = [], ""
    for part in (part for message in request.prompt.messages for part in message.parts):
        last = part.document_id or last
        pairs += [(last, score) for score in SCORE.findall(part.text)]
    return pairs


scores = st.lists(st.floats(-50, 50), min_size=2, max_size=25)


@settings(max_examples=50)
@given(scores, st.integers(2, 8), st.booleans(), st.sampled_from(["unit", "raw"]), st.integers(0, 9))
def test_scores_stay_with_their_passages(values, window, shuffle, scale, seed):
    lists = replace(candidates(len(values)), first_stage_scores=tuple(values))
    low, spread = min(values), max(values) - min(values)
    strategy = InsertRank(window=window, step=window - 1, passes=2, shuffle=shuffle, scale=scale, seed=seed)
    driven = drive(strategy, lists, NoisyJudge(seed=seed))
    assert driven.calls == strategy.forecast(len(values))
    for request in driven.requests:
        found = shown(request)
        assert found
        for id, score in found:
            own = values[int(id[1:])]
            unit = (own - low) / spread if spread > 0 else 0.0
            assert float(score) == pytest.approx(own if scale == "raw" else unit, abs=5.1e-4)
            assert re.fullmatch(r"-?\d+\.\d{3}", score)


def test_one_call_for_up_to_a_hundred():
    lists = replace(candidates(3), first_stage_scores=(12.5, 8.0, 2.0))
    (request,) = drive(InsertRank(), lists, PerfectJudge()).requests
    assert shown(request) == [("d0", "1.000"), ("d1", "0.571"), ("d2", "0.000")]
    assert [InsertRank().forecast(n) for n in (1, 2, 100, 101)] == [0, 1, 1, 2]
    lists, judge = candidates(60), PerfectJudge(seed=1)
    assert drive(InsertRank(), lists, judge).outcome.order == ideal(lists, judge)


def test_without_scores_the_place_counts_and_that_is_said():
    driven = drive(InsertRank(scale="raw"), candidates(5), PerfectJudge())
    assert [score for _, score in shown(driven.requests[0])] == ["1.000", "0.750", "0.500", "0.250", "0.000"]
    assert driven.outcome.repairs == (NO_SCORES,)
    assert drive(InsertRank(), candidates(1), PerfectJudge()).outcome.repairs == ()
