"""The wire: everything comes back as it was, and nothing else is taken for a message."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import ModelEntry, ModelKind
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.requests import Cut
from core.domain.systems import System
from core.domain.work import (
    CacheState,
    CheckWork,
    Ended,
    FetchWork,
    Priority,
    Probed,
    ProbeWork,
    Progress,
    Ranked,
    RankFailed,
    RankWork,
    ResidentModel,
    Retrieved,
    RetrieveWork,
    TraceWork,
)
from core.engine.frames import HEADER, FrameError, FrameReader, send_frame
from core.engine.messages import Beat, Began, Cancel, Configure, Finished, Pardon, Said, State, Stop, Submit, Unload
from core.engine.protocol import ProtocolError, decode, encode

text = st.text(st.characters(), max_size=8)  # lone surrogates included
whole = st.integers(0, 2**53)
number = st.floats(allow_nan=False, allow_infinity=False)
priority = st.sampled_from(Priority)
path = st.text("ab/", min_size=1, max_size=5).map(Path)


def rows(strategy, size=3):
    return st.lists(strategy, max_size=size).map(tuple)


documents = st.builds(Document, id=text, text=text, title=text)
queries = st.builds(Query, id=text, text=text, category=text)
lists = st.builds(
    CandidateList,
    query=queries,
    documents=rows(documents, 4),
    collection=st.none() | text,
    first_stage=text,
    first_stage_scores=st.none() | rows(number),
)
models = st.builds(
    ModelEntry,
    id=text,
    kind=st.sampled_from(ModelKind),
    source=text,
    revision=text,
    capabilities=st.frozensets(st.sampled_from(Capability)),
    max_length=whole,
    precision=text,
    title=text,
    licence=text,
    parameters=st.none() | whole,
    options=rows(st.tuples(text, text)),
)
leaf_systems = st.builds(
    System,
    spec=text,
    strategy=text,
    version=whole,
    parameters=rows(st.tuples(text, text | whole | number | st.booleans())),
    slots=rows(st.tuples(text, models), 2),
)
systems = st.recursive(
    leaf_systems,
    lambda inner: st.builds(System, spec=text, strategy=text, version=whole, members=rows(inner, 2)),
    max_leaves=4,
)
memory = rows(st.tuples(text, whole))
pairs = rows(st.tuples(whole, whole))
works = st.one_of(
    st.builds(
        RankWork,
        job=text,
        systems=rows(systems, 2),
        lists=rows(lists),
        tasks=pairs,
        collections=rows(st.tuples(text, path)),
        priority=priority,
    ),
    st.builds(
        RetrieveWork,
        job=text,
        collection=text,
        path=path,
        queries=rows(queries),
        method=text,
        depth=whole,
        model=st.none() | models,
        priority=priority,
    ),
    st.builds(
        ProbeWork,
        job=text,
        systems=rows(systems, 2),
        lists=rows(lists),
        warm_up=whole,
        attempts=whole,
        collections=rows(st.tuples(text, path)),
        done=pairs,
    ),
    st.builds(
        TraceWork,
        job=text,
        system=systems,
        candidates=lists,
        collections=rows(st.tuples(text, path)),
        priority=priority,
    ),
    st.builds(FetchWork, job=text, model=models),
    st.builds(CheckWork, job=text, model=models),
)
rankings = st.builds(
    Ranking,
    system=text,
    candidates=text,
    order=rows(text),
    scores=st.none() | rows(number),
    repairs=rows(text),
    reasoning=rows(text),
    keep=st.none() | whole,
    cuts=rows(st.builds(Cut, document_id=text, tokens=whole, kept=whole)),
    logical=st.builds(
        LogicalCost, calls=whole, prompt_tokens=whole, generated_tokens=whole, tokens_cut=whole, depth=whole
    ),
    executed=st.builds(ExecutedCost, seconds=number, calls=whole, cache_hits=whole),
    machine=text,
)
events = st.one_of(
    st.builds(Ranked, job=text, ranking=rankings),
    st.builds(RankFailed, job=text, system=text, candidates=text, message=text),
    st.builds(Retrieved, job=text, candidates=lists),
    st.builds(
        Probed,
        job=text,
        system=text,
        candidates=text,
        wall_ms=st.none() | number,
        order=rows(text),
        memory=memory,
        device=text,
        machine=text,
    ),
    st.builds(Progress, job=text, done=whole, total=whole, note=text),
    st.builds(Ended, job=text, cancelled=st.booleans(), error=text),
)
messages = st.one_of(
    st.builds(Submit, work=works),
    st.builds(Said, event=events),
    st.builds(Cancel, job=text),
    st.just(Stop()),
    st.just(Pardon()),
    st.just(Finished()),
    st.builds(Began, keys=rows(text)),
    st.builds(Beat, turn=whole, activity=text),
    st.builds(Unload, model=text),
    st.builds(
        State,
        device=text,
        machine=text,
        models=rows(
            st.builds(ResidentModel, id=text, memory_bytes=whole, device=text, precision=text, execution=text), 2
        ),
        model_memory_bytes=whole,
        cache=st.builds(CacheState, hits=whole, misses=whole, disk_bytes=whole, limit_bytes=whole),
        detail=text,
    ),
    st.builds(
        Configure,
        cache_dir=path,
        device=text,
        threads=whole,
        answer_cache_mb=whole,
        model_memory_mb=whole,
        beat_s=number,
        extra_files=rows(path),
        suspects=rows(text),
        poisoned=rows(st.tuples(text, text)),
    ),
)


@settings(max_examples=300, deadline=None)
@given(messages)
def test_every_message_comes_back_as_it_was(message):
    back = decode(encode(message))
    assert back == message
    assert type(back) is type(message)


@given(systems)
def test_a_systems_fingerprint_survives_the_wire(system):
    work = RankWork(job="j", systems=(system,), lists=(), tasks=())
    back = decode(encode(Submit(work=work)))
    assert back.work.systems[0].fingerprint == system.fingerprint


def test_a_document_of_many_lists_travels_once():
    document = Document(id="d", text="x" * 1000)
    shared = tuple(CandidateList(query=Query(id=str(i), text="q"), documents=(document,) * 2) for i in range(50))
    frame = encode(Submit(work=RankWork(job="j", systems=(), lists=shared, tasks=())))
    assert frame.count(b"x" * 1000) == 1
    back = decode(frame).work.lists
    assert back == shared
    assert back[0].hash == shared[0].hash


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_not_finite_does_not_travel(bad):
    ranking = Ranking(system="s", candidates="c", order=("d",), scores=(bad,))
    with pytest.raises(ProtocolError, match="Said cannot be sent"):
        encode(Said(event=Ranked(job="j", ranking=ranking)))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"null",
        b"[]",
        b'{"m":null}',
        b'{"m":{"$":"Nothing"},"d":[]}',
        b'{"m":{"$":"Cancel"},"d":[]}',
        b'{"m":{"$":"Cancel","job":5},"d":[]}',
        b'{"m":{"$":"Cancel","job":"j","more":1},"d":[]}',
        b'{"m":{"$":"Cancel","job":"j"},"d":[["a","b"]]}',
        b'{"m":{"$":"Beat","turn":true,"activity":""},"d":[]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(frame):
    with pytest.raises(ProtocolError):
        decode(frame)


def test_a_row_that_is_not_in_the_table_is_refused():
    candidates = CandidateList(query=Query(id="q", text="t"), documents=(Document(id="d", text="x"),))
    envelope = json.loads(encode(Said(event=Retrieved(job="j", candidates=candidates))))
    for rows_ in ([], [["d", "x", 5]]):
        with pytest.raises(ProtocolError):
            decode(json.dumps({**envelope, "d": rows_}).encode())


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_protocol_error(data):
    with pytest.raises(ProtocolError):
        decode(data)


@given(st.lists(st.binary(max_size=200), max_size=8), st.integers(1, 50))
def test_frames_arrive_whole_however_the_bytes_are_cut(bodies, piece):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = b"".join(HEADER.pack(len(body)) + body for body in bodies)
        reader = FrameReader(theirs)
        read = []
        for start in range(0, len(stream), piece):
            ours.sendall(stream[start : start + piece])
            while (frame := reader.read(timeout_s=0)) is not None:
                read.append(frame)
        assert read == bodies
        assert reader.read(timeout_s=0) is None


def test_a_frame_over_the_limit_is_refused_at_both_ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(FrameError, match="11 bytes is over the limit of 10"):
            send_frame(ours, b"x" * 11, limit=10)
        send_frame(ours, b"x" * 11)
        with pytest.raises(FrameError, match="limit of 10"):
            FrameReader(theirs, limit=10).read()


def test_the_end_of_the_other_side_is_noticed_within_a_frame():
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(HEADER.pack(100) + b"half")
        ours.close()
        with pytest.raises(EOFError):
            FrameReader(theirs).read()
