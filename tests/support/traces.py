"""Traces for tests: one that the engine without a process tells, and one of a real replay over a judge."""

from __future__ import annotations

from core.domain.documents import CandidateList
from core.domain.rankings import Ranking
from core.domain.requests import Wanted
from core.domain.systems import System
from core.domain.traces import (
    Piece,
    Trace,
    TracedAnswer,
    TracedRequest,
    TracedRound,
    TracedRun,
    TracedStep,
    Turn,
)
from core.domain.work import Traced, TraceWork
from tests.support.judge_adapter import judge_bench
from tests.support.judges import Judge


def fake_trace(system: System, candidates: CandidateList, ranking: Ranking) -> Trace:
    """One generation over all documents, answered with the order of ``ranking``; its last document is missing."""
    ids = candidates.ids
    places = {id: place for place, id in enumerate(ids)}
    names = tuple(f"[{number}]" for number in range(1, len(ids) + 1))
    said = " > ".join(names[places[id]] for id in ranking.order[:-1])
    documents = tuple(Piece(text=d.content, kind="document", document=d.id) for d in candidates.documents)
    pieces = (Piece(text="Order these passages.\n"), Piece(text=candidates.query.text, kind="query"), *documents)
    request = TracedRequest(
        number=1,
        kind="Generate",
        slot="model",
        model=system.models[0].id if system.models else "",
        documents=ids,
        turns=(Turn(role="system", pieces=(0,)), Turn(role="user", pieces=tuple(range(1, len(pieces))))),
        wanted=Wanted(kind="order", names=names),
        settings="at most 200 tokens",
        answer=TracedAnswer(text=said),
        prompt_tokens=100,
        generated_tokens=20,
    )
    run = TracedRun(
        path="",
        system=system.spec,
        candidates=ids,
        rounds=(TracedRound(number=1, asked=1, requests=(request,)),),
        rounds_made=1,
        steps=(TracedStep(round=1, note="read the whole order", order=tuple(places[id] for id in ranking.order)),),
        steps_made=1,
        order=ranking.order,
        scores=ranking.scores,
        repairs=("1 missing",),
        logical=ranking.logical,
    )
    return Trace(
        system=ranking.system,
        candidates=ranking.candidates,
        query=candidates.query.text,
        run=run,
        pieces=pieces,
        asked=1,
        machine=ranking.machine,
    )


def replayed(system: System, candidates: CandidateList, judge: Judge | None = None) -> Trace:
    """The trace of a real run over a judge."""
    bench = judge_bench(judge=judge)
    bench.scheduler.submit(TraceWork(job="trace", system=system, candidates=candidates))
    while bench.scheduler.step():
        pass
    (event,) = [event for event in bench.events if isinstance(event, Traced)]
    return event.trace
