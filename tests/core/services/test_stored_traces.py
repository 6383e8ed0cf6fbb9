"""Stored traces: small, whole enough to be drawn, and read back as they were written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import ImportFormatError
from core.domain.traces import Trace
from core.services.stored_traces import (
    FOLDER,
    MOST_BYTES,
    StoredTrace,
    first_documents,
    store_trace,
    stored_names,
    stored_trace,
)
from core.services.trace_reading import meetings
from tests.support.judge_adapter import systems_of
from tests.support.traces import replayed

SPECS = (
    "bm25",
    "yes-no",
    "prp-all-pair",
    "prp-heapsort",
    "listwise?window=4&step=2",
    "rrf?of=(bm25,prp-all-pair)",
    "cascade?of=(prp-all-pair,prp-heapsort)",
)


def passages(count: int) -> CandidateList:
    """As long as those of the sample collection."""
    documents = tuple(
        Document(id=f"stash-{n:03}", title=f"A title of passage {n}", text=f"{n} " + "ferry timetable " * 28)
        for n in range(count)
    )
    return CandidateList(query=Query(id="q", text="when does it leave"), documents=documents)


def stored(spec: str, count: int = 8) -> StoredTrace:
    candidates = passages(count)
    trace = replayed(systems_of(spec)[0], candidates)
    titles = {document.id: document.title for document in candidates.documents}
    return StoredTrace(spec=spec, made_on="2026-01-02", titles=titles, grades={"stash-001": 3}, trace=trace)


def drawn(trace: Trace) -> tuple[object, ...]:
    return tuple((m.round, m.number, m.documents, m.winners, m.losers) for run in trace.runs() for m in meetings(run))


@pytest.mark.parametrize("spec", SPECS)
def test_a_file_is_small_and_draws_the_same(tmp_path: Path, spec: str) -> None:
    made = stored(spec)
    path = store_trace(made, "name", tmp_path)
    assert path.stat().st_size <= MOST_BYTES
    back = stored_trace("name", tmp_path)
    assert (back.spec, back.made_on, back.titles, back.grades) == (spec, "2026-01-02", made.titles, {"stash-001": 3})
    assert (back.trace.run.order, back.trace.run.logical) == (made.trace.run.order, made.trace.run.logical)
    if not back.trace.left_out:
        assert drawn(back.trace) == drawn(made.trace)
    assert back.trace.left_out == 0 or spec.startswith("cascade")
    first = next((request for _, request in back.trace.run.requests if request.kind != "Rank"), None)
    if first is not None:
        assert "ferry" in "".join(back.trace.text(turn) for turn in first.turns)
    assert stored_names(tmp_path) == ("name",)


def test_what_is_small_already_comes_back_whole(tmp_path: Path) -> None:
    made = replace(stored("listwise?window=4&step=2", 5), grades={})
    store_trace(made, "listwise", tmp_path)
    assert stored_trace("listwise", tmp_path) == made


def test_of_very_many_requests_the_ends_are_kept(tmp_path: Path) -> None:
    made = stored("prp-all-pair", 20)
    path = store_trace(made, "many", tmp_path)
    assert path.stat().st_size <= MOST_BYTES
    back = stored_trace("many", tmp_path).trace
    assert back.left_out == 380 - len(list(back.run.requests)) > 0
    numbers = [request.number for _, request in back.run.requests]
    assert (numbers[0], numbers[-1]) == (1, 380)


def test_none_and_damaged(tmp_path: Path) -> None:
    assert stored_trace("nobody", tmp_path) is None
    (tmp_path / "broken.json").write_text('{"spec": 5}', "utf-8")
    with pytest.raises(ImportFormatError, match=r"broken\.json"):
        stored_trace("broken", tmp_path)


def test_every_trace_that_comes_along_is_of_its_strategy_and_small() -> None:
    assert {"yes-no", "prp-heapsort", "listwise"} <= set(stored_names())
    for name in stored_names():
        assert (FOLDER / f"{name}.json").stat().st_size <= MOST_BYTES
        made = stored_trace(name)
        assert made.spec.split("?")[0].split(":")[0] == name
        assert sorted(made.trace.run.order) == sorted(made.titles)


def test_the_head_of_a_list() -> None:
    whole = replace(passages(3), first_stage_scores=(3.0, 2.0, 1.0))
    head = first_documents(whole, 2)
    assert (head.ids, head.first_stage_scores) == (whole.ids[:2], (3.0, 2.0))
    assert first_documents(passages(1), 5).ids == ("stash-000",)
