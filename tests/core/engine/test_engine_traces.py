"""Traces on the wire: with members in members, any text and any number, they come back as they were."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.codec import from_json, to_json
from core.domain.rankings import LogicalCost
from core.domain.requests import Cut, Wanted
from core.domain.traces import (
    Piece,
    Trace,
    TracedAnswer,
    TracedRequest,
    TracedRound,
    TracedRun,
    TracedStep,
    TracedToken,
    Turn,
)
from core.domain.work import Progress, Traced, TraceWork
from core.engine.book import JobBook
from core.engine.messages import Said
from core.engine.protocol import decode, encode
from core.engine.remaining import remaining
from tests.support.engine_fakes import make_list, make_system

text = st.text(st.characters(), max_size=8)  # lone surrogates included
whole = st.integers(0, 2**53)
number = st.floats(allow_nan=False, allow_infinity=False)
kinds = st.sampled_from(["text", "query", "document"])


def rows(strategy, size=3):
    return st.lists(strategy, max_size=size).map(tuple)


answers = st.builds(
    TracedAnswer,
    text=st.none() | text,
    finished=st.booleans(),
    labels=rows(st.tuples(text, st.none() | number)),
    scores=rows(number),
    unit=text,
    shape=st.none() | rows(whole),
    order=rows(text),
    tokens=rows(st.builds(TracedToken, text=text, top=rows(st.tuples(text, number))), 2),
    note=text,
)
logical = st.builds(LogicalCost, calls=whole, depth=whole)


def traced_runs(inner: st.SearchStrategy[TracedRun | None]) -> st.SearchStrategy[TracedRun]:
    """Runs whose requests may hold the run of a member."""
    asked = st.builds(
        TracedRequest,
        number=whole,
        kind=text,
        slot=text,
        model=text,
        documents=rows(text),
        turns=rows(st.builds(Turn, role=text, pieces=rows(whole)), 2),
        wanted=st.none() | st.builds(Wanted, names=rows(text), count=whole, frame=text),
        settings=text,
        answer=answers,
        prompt_tokens=whole,
        generated_tokens=whole,
        cuts=rows(st.builds(Cut, document_id=text, tokens=whole, kept=whole), 1),
        cached=st.booleans(),
        member=text,
        run=inner,
    )
    return st.builds(
        TracedRun,
        path=text,
        system=text,
        candidates=rows(text),
        rounds=rows(st.builds(TracedRound, number=whole, asked=whole, requests=rows(asked, 2)), 2),
        rounds_made=whole,
        steps=rows(st.builds(TracedStep, round=whole, note=text, order=st.none() | rows(whole)), 2),
        steps_made=whole,
        order=rows(text),
        scores=st.none() | rows(number),
        repairs=rows(text),
        reasoning=rows(text),
        keep=st.none() | whole,
        logical=logical,
    )


traces = st.builds(
    Trace,
    system=text,
    candidates=text,
    query=text,
    run=traced_runs(st.none() | traced_runs(st.none())),
    pieces=rows(st.builds(Piece, text=text, kind=kinds, document=st.none() | text)),
    asked=whole,
    left_out=whole,
    machine=text,
)


@settings(max_examples=60, deadline=None)
@given(traces)
def test_every_trace_comes_back_as_it_was(trace: Trace) -> None:
    event = Said(event=Traced(job="j", trace=trace))
    assert decode(encode(event)) == event
    assert from_json(Trace, to_json(trace)) == trace


def test_a_trace_is_done_again_by_the_next_process() -> None:
    work = TraceWork(job="t", system=make_system("pointwise"), candidates=make_list(["1", "2"]))
    book = JobBook()
    book.add(work, lambda _event: None)
    entry = book.entry("t")
    entry.note(Progress(job="t", done=1, total=2))
    assert entry.left() == remaining(work, entry.delivered) == work
