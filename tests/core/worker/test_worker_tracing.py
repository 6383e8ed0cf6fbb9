"""Traces: the same order and cost as the ranking, answers from the cache, members nested, bounded, cancellable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.documents import CandidateList
from core.domain.requests import Part
from core.domain.systems import System
from core.domain.traces import Trace, TracedRun
from core.domain.work import Ended, Ranked, RankFailed, Traced, TraceWork
from core.engine.messages import Said, Submit
from core.engine.protocol import decode, encode
from core.worker import tracing
from core.worker.traced_pieces import PieceTable
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, rank_work
from tests.support.judge_adapter import JudgeBench, judge_bench, lists_of_sizes, systems_of
from tests.support.judges import NonsenseJudge, PerfectJudge

TEXTS = ["3", "1 w w w w w", "2", "5"]


def work(system: System, candidates: CandidateList, job: str = "t") -> TraceWork:
    return TraceWork(job=job, system=system, candidates=candidates)


def heard(events, kind):
    return [event for event in events if isinstance(event, kind)]


def traced(bench: JudgeBench, system: System, candidates: CandidateList) -> Trace:
    start = len(bench.events)
    bench.scheduler.submit(work(system, candidates))
    while bench.scheduler.step():
        pass
    (event,) = heard(bench.events[start:], Traced)
    return event.trace


def calls(run: TracedRun) -> int:
    """Requests of a run and of its members that are no ranking of a member."""
    own = [request for _, request in run.requests]
    return sum(r.kind != "Rank" for r in own) + sum(calls(r.run) for r in own if r.run is not None)


@pytest.mark.parametrize(
    "spec",
    ["yes-no", "prp-heapsort?k=3", "prp-all-pair", "listwise?window=4&step=2", "bm25",
     "bi-encoder", "query-likelihood", "rrf?of=(bm25,prp-heapsort?k=2)",
     "cascade?of=(bm25,yes-no)&keep=4"],
)  # fmt: skip
def test_a_trace_says_what_the_ranking_says(spec: str) -> None:
    (system,), (candidates,) = systems_of(spec), lists_of_sizes([7])
    bench = judge_bench()
    ranking = bench.rank([system], [candidates])[system.fingerprint, candidates.hash].ranking
    asked = len(bench.batches)
    trace = traced(bench, system, candidates)
    assert len(bench.batches) == asked, "a replay of a fresh ranking asks no model"
    run = trace.run
    assert (run.order, run.scores, run.repairs, run.logical) == (
        ranking.order, ranking.scores, ranking.repairs, ranking.logical,
    )  # fmt: skip
    assert (trace.system, trace.candidates) == (ranking.system, ranking.candidates)
    assert calls(run) == ranking.logical.calls == trace.asked
    assert trace.left_out == 0
    assert all(r.cached for one in trace.runs() for _, r in one.requests if r.kind != "Rank")
    assert sum(r.prompt_tokens for one in trace.runs() for _, r in one.requests if r.kind != "Rank") == (
        ranking.logical.prompt_tokens
    )
    assert run.rounds_made == len(run.rounds)
    if not system.members:
        assert run.rounds_made == ranking.logical.depth
    assert decode(encode(Said(event=Traced(job="t", trace=trace)))) == Said(event=Traced(job="t", trace=trace))


def test_the_work_travels() -> None:
    message = Submit(work=replace(work(make_system("pointwise"), make_list(TEXTS)), collections=(("c", Path("x")),)))
    assert decode(encode(message)) == message


def test_prompts_answers_and_cuts_of_a_round() -> None:
    bench = make_bench()
    (event,) = heard(bench.run(work(make_system("pointwise"), make_list(TEXTS))), Traced)
    (made,) = event.trace.run.rounds
    second = made.requests[1]
    assert (second.number, second.kind, second.slot, second.model) == (2, "Score", "model", "small")
    assert second.documents == ("d1",)
    assert [(turn.role, event.trace.text(turn)) for turn in second.turns] == [("query", "q"), ("document", TEXTS[1])]
    assert (second.answer.scores, second.answer.unit) == ((1.0,), "score")
    assert [(cut.document_id, cut.tokens, cut.kept) for cut in second.cuts] == [("d1", 6, 4)]
    assert [r.cached for r in made.requests] == [False] * 4
    assert event.trace.query == "q"
    assert [piece.document for piece in event.trace.pieces] == [None, "d0", "d1", "d2", "d3"]  # the query once


def test_an_ordinary_ranking_beside_a_trace_is_told_and_the_model_runs_once() -> None:
    bench, system, candidates = make_bench(), make_system("pointwise"), make_list(TEXTS)
    events = bench.run(rank_work("j", [system], [candidates]), work(system, candidates))
    (ranked,), (event,) = heard(events, Ranked), heard(events, Traced)
    assert event.trace.run.order == ranked.ranking.order
    assert sum(map(len, bench.batches)) == 4
    assert [end.job for end in heard(events, Ended)] == ["j", "t"]


def test_members_are_nested_where_they_were_asked() -> None:
    inner = make_system("fusion", members=[make_system("pointwise"), make_system("insertion")])
    outer = make_system("fusion", members=[make_system("pointwise"), inner])
    (event,) = heard(make_bench().run(work(outer, make_list(TEXTS))), Traced)
    (made,) = event.trace.run.rounds
    first, second = made.requests
    assert [(r.kind, r.member) for r in made.requests] == [("Rank", "0"), ("Rank", "1")]
    assert first.answer.order == first.run.order == ("d3", "d0", "d2", "d1")
    assert second.run.system == "fusion"
    shared, insertion = (r for _, r in second.run.requests)
    assert (shared.member, shared.run) == ("0", None)  # told where it was asked first
    assert (insertion.member, insertion.run.path) == ("1/1", "1/1")
    assert [run.path for run in event.trace.runs()] == ["", "0", "1", "1/1"]
    assert insertion.run.logical.depth == insertion.run.rounds_made


def test_what_the_cache_lost_is_computed_again() -> None:
    bench, system, candidates = make_bench(), make_system("insertion"), make_list(TEXTS)
    (event,) = heard(bench.run(work(system, candidates)), Traced)
    requests = [r for _, r in event.trace.run.requests]
    assert len(bench.batches) == len(requests) > 3
    assert not any(r.cached for r in requests)


def test_the_first_and_the_last_are_kept_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing.Recording.__init__, "__defaults__", (20_000,))
    (system,), (candidates,) = systems_of("prp-all-pair"), lists_of_sizes([12])
    trace = traced(judge_bench(), system, candidates)
    (made,) = trace.run.rounds
    numbers = [r.number for r in made.requests]
    assert (made.asked, trace.asked) == (132, 132)
    assert 10 < len(numbers) < 100
    assert trace.left_out == 132 - len(numbers)
    gap = next(place for place, number in enumerate(numbers, start=1) if number != place) - 1
    assert numbers == [*range(1, gap + 1), *range(132 - (len(numbers) - gap) + 1, 133)]
    assert 0.3 < gap / len(numbers) < 0.7
    used = {place for r in made.requests for turn in r.turns for place in turn.pieces}
    assert used == set(range(len(trace.pieces))), "texts of what is left out are not kept"
    assert len(encode(Said(event=Traced(job="t", trace=trace)))) < 30_000


@pytest.mark.slow
def test_all_pairs_of_a_hundred_documents_fit() -> None:
    (system,), (candidates,) = systems_of("prp-all-pair"), lists_of_sizes([100])
    trace = traced(judge_bench(), system, candidates)
    assert trace.asked == 9900
    assert sum(1 for _ in trace.run.requests) == 9900 - trace.left_out == 9900
    assert len(encode(Said(event=Traced(job="t", trace=trace)))) < tracing.LIMIT


def test_nonsense_shows_its_repairs() -> None:
    (system,), (candidates,) = systems_of("listwise?window=4&step=2"), lists_of_sizes([8])
    trace = traced(judge_bench(judge=NonsenseJudge(seed=1)), system, candidates)
    assert trace.run.repairs
    assert all(r.answer.text is not None for _, r in trace.run.requests)
    assert sorted(trace.run.order) == sorted(candidates.ids)


def test_a_cancelled_trace_ends_and_nothing_is_told() -> None:
    bench = make_bench()
    bench.scheduler.submit(work(make_system("insertion"), make_list(TEXTS)))
    bench.scheduler.step()
    bench.scheduler.cancel("t")
    while bench.scheduler.step():
        pass
    assert heard(bench.events, Ended) == [Ended(job="t", cancelled=True)]
    assert not heard(bench.events, Traced)


def test_a_system_that_fails_has_no_trace_but_a_reason() -> None:
    events = make_bench().run(work(make_system("pointwise", model_entry(fail="no weights")), make_list(TEXTS)))
    (failed,) = heard(events, RankFailed)
    assert "no weights" in failed.message
    assert not heard(events, Traced)
    assert heard(events, Ended) == [Ended(job="t")]


def test_labels_are_told_as_probabilities() -> None:
    (system,), (candidates,) = systems_of("yes-no"), lists_of_sizes([2])
    judge = PerfectJudge(worths={"q0d0": 0.25, "q0d1": 0.5})
    trace = traced(judge_bench(judge=judge), system, candidates)
    labels = {label: value for _, r in trace.run.requests for label, value in r.answer.labels if "q0d0" in r.documents}
    assert {label.strip().casefold(): round(value, 9) for label, value in labels.items()} == {"yes": 0.25, "no": 0.75}


def test_a_text_is_kept_as_long_as_something_uses_it() -> None:
    table = PieceTable()
    first, second, again = (table.place(Part(text=text)) for text in ("a", "bb", "a"))
    assert first == again
    table.release([first, second])
    assert table.pieces() == ({first: 0}, (tracing_piece("a"),))
    assert table.weight == 61
    table.release([again])
    assert (table.weight, table.pieces()) == (0, ({}, ()))


def tracing_piece(text: str):
    from core.domain.traces import Piece

    return Piece(text=text)
