"""Winners, values and moves read from traces: by hand, and against the judge that answered."""

from __future__ import annotations

import pytest

from core.domain.requests import Wanted
from core.domain.traces import TracedAnswer, TracedRequest
from core.services.trace_reading import Verdict, meetings, moves, totals, verdict
from tests.support.judge_adapter import lists_of_sizes, systems_of
from tests.support.judges import NonsenseJudge, PerfectJudge
from tests.support.traces import replayed


def asked(documents: str, **fields: object) -> TracedRequest:
    return TracedRequest(number=1, kind="any", documents=tuple(documents.split()), **fields)  # type: ignore[arg-type]  # by name


def labelled(documents: str, unit: str = "probability", **labels: float | None) -> Verdict:
    answer = TracedAnswer(labels=tuple((name.replace("_", " "), value) for name, value in labels.items()), unit=unit)
    return verdict(asked(documents, answer=answer))


def test_labels_of_several_documents_stand_for_them_in_order() -> None:
    read = labelled("x y", A=0.2, _A=0.3, B=0.4, _B=0.05)
    assert (read.order, read.winners, read.complete) == (("x", "y"), ("x",), True)
    assert read.values == {"x": pytest.approx(0.5), "y": pytest.approx(0.45)}
    assert labelled("x y", A=0.3, B=0.3).winners == ()
    assert labelled("x y", A=None, B=0.1).winners == ("y",)
    assert labelled("x y", A=None, B=None) == Verdict(complete=False)


def test_labels_of_one_document_are_a_share_a_grade_or_a_logit() -> None:
    assert labelled("x", yes=0.3, Yes=0.1, no=0.1).values == {"x": pytest.approx(0.8)}
    assert labelled("x", **{"0": 0.5, "1": 0.0, "2": 0.5}).values == {"x": pytest.approx(1.0)}
    assert labelled("x", unit="logit", yes=2.5).values == {"x": 2.5}
    assert labelled("x", unit="logit", yes=2.5, no=3.0).values == {"x": -0.5}
    assert labelled("x", yes=None, no=None) == Verdict(complete=False)


def test_texts_scores_and_members() -> None:
    read = verdict(asked("x y z", wanted=Wanted(kind="worst-first"), answer=TracedAnswer(text="[1] > [3] > [2]")))
    assert (read.order, read.winners) == (("y", "z", "x"), ("y",))
    assert verdict(asked("x y", wanted=Wanted(kind="worst"), answer=TracedAnswer(text="[2]"))).losers == ("y",)
    assert verdict(asked("x y", answer=TracedAnswer(scores=(1.0, 2.0)))).order == ("y", "x")
    assert verdict(asked("x", answer=TracedAnswer(scores=(-3.0, 1.0)))) == Verdict()
    assert verdict(asked("x y", answer=TracedAnswer(order=("y", "x")))).winners == ("y",)
    assert verdict(asked("", answer=TracedAnswer(shape=(4,)))) == Verdict()


def test_in_every_duel_the_better_one_wins() -> None:
    (system,), (candidates,) = systems_of("prp-heapsort?k=4"), lists_of_sizes([9])
    judge = PerfectJudge(worths={id: 0.1 + place / 20 for place, id in enumerate(candidates.ids)})
    trace = replayed(system, candidates, judge)
    met = meetings(trace.run)
    assert len(met) == trace.asked > 8
    assert all(len(meeting.documents) == 2 and meeting.winners == (max(meeting.documents),) for meeting in met)
    assert [meeting.round for meeting in met] == sorted(meeting.round for meeting in met)


def test_moves_lead_from_the_first_stage_to_the_result() -> None:
    (system,), (candidates,) = systems_of("listwise?window=4&step=2"), lists_of_sizes([9])
    trace = replayed(system, candidates)
    ranks = {id: rank for rank, id in enumerate(candidates.ids, start=1)}
    found = list(moves(trace.run))
    assert len(found) == len(trace.run.steps) == 4
    for moved in found:
        for move in moved:
            assert ranks[move.document] == move.before
        ranks |= {move.document: move.after for move in moved}
    assert sorted(ranks, key=ranks.__getitem__) == list(trace.run.order)


def test_totals() -> None:
    (system,), (candidates,) = systems_of("listwise?window=4&step=2"), lists_of_sizes([8])
    trace = replayed(system, candidates, NonsenseJudge(seed=1))
    found = totals(trace)
    assert (found.calls, found.rounds, found.left_out, found.cached) == (3, 3, 0, 0)
    assert found.repairs == len(trace.run.repairs) > 0
    assert 0 < found.incomplete <= 3
